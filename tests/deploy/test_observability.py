"""Alerts and dashboard ask for metrics that exist, and the dashboard shows them all."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.measured import metric_names

FOLDER = Path(__file__).parents[2] / "deploy" / "observability"
DASHBOARD: dict[str, Any] = json.loads((FOLDER / "grafana/dashboards/mcp.json").read_text())
ALERTS: dict[str, Any] = yaml.safe_load((FOLDER / "alerts.yml").read_text())
ASKED = re.compile(r"\bmcp_[a-z_]+")


def series() -> dict[str, str]:
    """Every series that Prometheus stores → its metric."""
    found: dict[str, str] = {}
    for name, kind in metric_names().items():
        suffixes = ("_bucket", "_sum", "_count") if kind == "histogram" else ("",)
        found |= {name + suffix: name for suffix in suffixes}
    return found


def expressions() -> list[str]:
    panels = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    return panels + [rule["expr"] for rule in ALERTS["groups"][0]["rules"]]


@pytest.mark.parametrize("expression", expressions())
def test_expression_asks_for_metrics_that_exist(expression: str) -> None:
    assert set(ASKED.findall(expression)) <= series().keys()


def test_dashboard_shows_every_metric() -> None:
    text = " ".join(target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"])
    assert {series()[asked] for asked in ASKED.findall(text)} == metric_names().keys()


def test_panels_do_not_overlap() -> None:
    places = [
        (place["x"] + x, place["y"] + y)
        for place in (panel["gridPos"] for panel in DASHBOARD["panels"])
        for x in range(place["w"])
        for y in range(place["h"])
    ]
    assert len(places) == len(set(places))


@pytest.mark.interop
@pytest.mark.parametrize(("what", "file"), [("config", "prometheus.yml"), ("rules", "alerts.yml")])
def test_prometheus_accepts(what: str, file: str) -> None:
    promtool("check", what, file)


SPRAYED = "mcp_password_attempts_total"
SPRAYS = {
    "5,000 accounts in five minutes": ({"refuse": "0+250x60"}, "1m", 1),
    "slowly, more than come in": ({"refuse": "0+5x60", "ouvert": "0+4x60"}, "10m", 1),
    "a morning of ordinary mistakes": ({"refuse": "0+12x60", "ouvert": "0+120x60"}, "10m", 0),
    "a quiet night": ({"refuse": "0+0x60", "ouvert": "0+0x60"}, "10m", 0),
}
"""What is counted every 15 s, when it is looked at, how many alerts there are then."""


@pytest.mark.interop
@pytest.mark.parametrize("name", SPRAYS)
def test_spraying_raises_an_alert_within_a_minute(name: str, tmp_path: Path) -> None:
    counted, at, alerts = SPRAYS[name]
    series = [
        {"series": f'{SPRAYED}{{issue="{issue}"}}', "values": values}
        for issue, values in counted.items()
    ]
    summary = next(
        rule["annotations"]
        for rule in ALERTS["groups"][0]["rules"]
        if rule["alert"] == "PasswordsSprayed"
    )
    expected = [{"exp_labels": {}, "exp_annotations": summary}] * alerts
    alert = {"eval_time": at, "alertname": "PasswordsSprayed", "exp_alerts": expected}
    case = {"interval": "15s", "input_series": series, "alert_rule_test": [alert]}
    tests = {
        "rule_files": [str(FOLDER / "alerts.yml")],
        "evaluation_interval": "15s",
        "tests": [case],
    }
    file = tmp_path / "spray.yml"
    file.write_text(yaml.safe_dump(tests))
    promtool("test", "rules", str(file))


def promtool(*arguments: str) -> None:
    """Run it; it must find nothing to say."""
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("promtool is not installed (Debian package prometheus)")
    done = subprocess.run(  # noqa: S603 (our own)
        [program, *arguments],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
