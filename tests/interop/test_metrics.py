"""Prometheus accepts our metrics: `promtool check metrics` finds nothing to say."""

import sys

import pytest

from tests.harness.fixtures import StartPlatform
from tests.harness.platform import SERVICES
from tests.interop.tools import ROOT, find, run

pytestmark = [pytest.mark.connected, pytest.mark.interop, pytest.mark.timeout(180)]


def judge(text: str) -> tuple[int, str]:
    """Exit code of promtool (3 for a bad name) and what it has to say."""
    done = run([find("promtool", "prometheus"), "check", "metrics"], text=text)
    return done.returncode, done.stdout + done.stderr


def test_every_metric_once_touched_is_accepted() -> None:
    done = run([sys.executable, "-m", "tests.interop.touched_metrics"], cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert 'mcp_messages_handled_total{outcome="essai"}' in done.stdout
    assert judge(done.stdout) == (0, "")


@pytest.mark.parametrize("service", SERVICES)
async def test_metrics_of_a_running_service_are_accepted(
    service: str, start_platform: StartPlatform
) -> None:
    platform = await start_platform((service,))
    answer = await (await platform.http(service)).request("GET", "/metrics")
    assert answer.status_code == 200
    assert "mcp_outbox_rows" in answer.text
    assert judge(answer.text) == (0, "")


def test_bad_name_is_refused() -> None:
    code, said = judge("# HELP mcp_Bad a\n# TYPE mcp_Bad counter\nmcp_Bad 1\n")
    assert code == 3
    assert "mcp_Bad" in said
