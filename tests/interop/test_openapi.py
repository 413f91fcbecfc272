"""schemathesis asks each HTTP door all that its OpenAPI document allows, and much that it does not.

Every check of schemathesis: no failure of ours, no status, header or body that is not documented,
no odd request taken, no route open without its session or its token.
"""

import asyncio
import re
import sys
from pathlib import Path

import pytest

from deploy.local.servers import Servers
from shared.contracts import habilitation as of_habilitation
from shared.contracts import identity as of_identity
from shared.security.principal import Principal
from tests.habilitation import running as habilitation
from tests.habilitation.builders import ADMIN, AGENT
from tests.harness.platform import Platform
from tests.identity import running as identity
from tests.identity.running import AGENT_SESSION
from tests.interop.tools import run

SEED = 19214
EXAMPLES = {of_identity.SERVICE: 10, of_habilitation.SERVICE: 5}
"""Generated requests of each operation, besides those of its limits; assumed: habilitation has more
operations, and is asked by two people."""
RUN_S = 200
CONFIGS = {
    of_identity.SERVICE: Path(__file__).parent / "schemathesis.toml",
    of_habilitation.SERVICE: Path(__file__).parent / "schemathesis_habilitation.toml",
}
SCHEMATHESIS = Path(sys.executable).parent / "schemathesis"
SIGN_OUT = "^/sessions/current$"
"""Asked apart, at the end: it ends the session that the others need."""
LEAST_CASES = 200

pytestmark = [
    pytest.mark.connected,
    pytest.mark.long,
    pytest.mark.interop,
    pytest.mark.timeout(280),
]


async def test_no_answer_of_identity_is_undocumented(servers: Servers, tmp_path: Path) -> None:
    async with identity.running(servers) as running:
        platform = running.platform
        for which in ("--exclude-path-regex", "--include-path-regex"):
            code, said = await _ask(
                platform, of_identity.SERVICE, AGENT_SESSION, tmp_path, which, SIGN_OUT
            )
            assert code == 0, said
            if which == "--exclude-path-regex":
                assert _generated(said) >= LEAST_CASES
        _no_bug(platform, of_identity.SERVICE)


@pytest.mark.parametrize(
    ("by", "which"),
    [
        pytest.param(AGENT, (), id="agent"),
        pytest.param(ADMIN, ("--phases", "fuzzing,stateful"), id="administrateur"),
    ],
)
async def test_no_answer_of_habilitation_is_undocumented(
    servers: Servers, tmp_path: Path, by: Principal, which: tuple[str, ...]
) -> None:
    """The limits of each form once, for they are the same whoever fills it in."""
    async with habilitation.running(servers) as running:
        platform, token = running.platform, running.token(by)
        code, said = await _ask(platform, of_habilitation.SERVICE, token, tmp_path, *which)
        assert code == 0, said
        assert _generated(said) >= LEAST_CASES
        _no_bug(platform, of_habilitation.SERVICE)


async def _ask(
    platform: Platform, service: str, token: str, folder: Path, *which: str
) -> tuple[int, str]:
    """Exit code and words of schemathesis; a seed, so that a failure comes again."""
    command: list[str | Path] = [
        SCHEMATHESIS,
        "--config-file",
        CONFIGS[service],
        "run",
        f"{platform.replica(service).url}/openapi.json",
        *("-H", f"Authorization: Bearer {token}"),
        *("--seed", str(SEED), "--max-examples", str(EXAMPLES[service]), "--continue-on-failure"),
        *which,
    ]
    done = await asyncio.to_thread(run, command, cwd=folder, deadline_s=RUN_S)
    return done.returncode, done.stdout + done.stderr


def _generated(said: str) -> int:
    """How many requests it made."""
    return int(re.findall(r"(\d+) generated", said)[0])


def _no_bug(platform: Platform, service: str) -> None:
    log = platform.replica(service).log_lines()
    assert not [line for line in log if line["event"] == "http_bug"]
