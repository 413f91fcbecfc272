"""The benchmarks run, and write what they should; no timing is judged, no Keycloak is brought."""

import asyncio
import json
import os
import sys

import pytest

from bench.__main__ import NEVER_EMBEDDED, ROWS
from deploy.local.process import ROOT

pytestmark = [pytest.mark.connected, pytest.mark.timeout(600)]

FIELDS = {
    "name": str,
    "ours": float,
    "beside": float | None,
    "unit": str,
    "ratio": float | None,
    "bar": float | None,
    "broker": str,
    "rounds": int,
    "spread": dict,
    "notes": list,
    "at": str,
}
PATH = {
    "commands": {"commands", "commands_small_polls"},
    "habilitations": {"habilitation_commands"},
    "droits_million": {"droits_projection", "droits_rebuild_memory", "droits_liste"},
    "projection": {"projection"},
    "latency": {"latency_median", "latency_p99"},
    "replicas": {"commands_two_replicas"},
    "hot": {"hot_accounts_http_p95"},
}
PEOPLE = {
    "http": {"http_commands"},
    "droits": {"droits_decision", "droits_decision_limite", "droits_explication", "droits_retrait"},
    "memory": {"memory_habilitation", "memory_identity", "memory_notifications"},
    "mails": {"mail_campaign"},
    "campaign": {"campaign"},
    "sign_ins": {"sign_ins", "sign_in_median", "sign_in_p95", "sign_in_memory"},
    "accounts_created": {"accounts_created"},
    "account_to_mails": {"account_to_mails_p95"},
}
"""The rows and their figures, in two runs that may go on side by side."""


def test_every_row_is_run() -> None:
    assert {*PATH, *PEOPLE} == {*ROWS} - {"rebuild"}, "its command is run for a million too"


@pytest.mark.long
@pytest.mark.parametrize("rows", [PATH, PEOPLE], ids=["path", "people"])
async def test_quick_run_writes_every_figure(rows: dict[str, set[str]], tmp_path) -> None:
    broker = os.environ.get("KAFKA") or "embedded"
    if broker == "embedded":
        rows = {name: told for name, told in rows.items() if name not in NEVER_EMBEDDED}
    run = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench", "--quick", *rows),
        *("--broker", broker, "--output", str(tmp_path)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await run.communicate()
    assert run.returncode == 0, said.decode()
    figures = json.loads((tmp_path / "results.json").read_text())
    assert {figure["name"] for figure in figures} == set().union(*rows.values())
    for figure in figures:
        assert figure.keys() == FIELDS.keys()
        assert all(isinstance(figure[name], kind) for name, kind in FIELDS.items())
        assert figure["broker"] == broker
        assert figure["ours"] > 0
    page = (tmp_path / "benchmarks.md").read_text()
    assert page.count("\n| ") == len(figures) + 1
    assert "Conditions" in page


async def test_unknown_row_is_told() -> None:
    run = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench", "nonsense"),
        cwd=ROOT,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await run.communicate()
    assert run.returncode == 2
    assert "nonsense" in said.decode()
