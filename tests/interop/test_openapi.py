"""schemathesis asks identity all that its OpenAPI document allows, and much that it does not.

Every check of schemathesis: no failure of ours, no status, header or body that is not documented,
no odd request taken, no route open without its session.
"""

import asyncio
import re
import sys
from pathlib import Path

import pytest

from deploy.local.servers import Servers
from shared.contracts.identity import SERVICE
from tests.identity.running import AGENT_SESSION, Running, running
from tests.interop.tools import run

SEED = 19214
EXAMPLES = 10
"""Generated requests of each operation, besides those of its limits; assumed."""
RUN_S = 90
CONFIG = Path(__file__).parent / "schemathesis.toml"
SCHEMATHESIS = Path(sys.executable).parent / "schemathesis"
SIGN_OUT = "^/sessions/current$"
"""Asked apart, at the end: it ends the session that the others need."""
LEAST_CASES = 200

pytestmark = [pytest.mark.connected, pytest.mark.interop, pytest.mark.timeout(240)]


async def test_no_answer_is_undocumented(servers: Servers, tmp_path: Path) -> None:
    async with running(servers) as identity:
        code, said = await _ask(identity, tmp_path, "--exclude-path-regex", SIGN_OUT)
        assert code == 0, said
        assert int(re.findall(r"(\d+) generated", said)[0]) >= LEAST_CASES
        code, said = await _ask(identity, tmp_path, "--include-path-regex", SIGN_OUT)
        assert code == 0, said
        log = identity.platform.replica(SERVICE).log_lines()
    assert not [line for line in log if line["event"] == "http_bug"]


async def _ask(identity: Running, folder: Path, *which: str) -> tuple[int, str]:
    """Exit code and words of schemathesis; a seed, so that a failure comes again."""
    url = f"{identity.platform.replica(SERVICE).url}/openapi.json"
    session = f"Authorization: Bearer {AGENT_SESSION}"
    how = ("--seed", str(SEED), "--max-examples", str(EXAMPLES), "--continue-on-failure")
    command: list[str | Path] = [
        SCHEMATHESIS,
        "--config-file",
        CONFIG,
        "run",
        url,
        "-H",
        session,
        *how,
        *which,
    ]
    done = await asyncio.to_thread(run, command, cwd=folder, deadline_s=RUN_S)
    return done.returncode, done.stdout + done.stderr
