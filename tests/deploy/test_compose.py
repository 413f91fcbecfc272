"""docker-compose.yml says what the services are: commands, settings, images, ports, secrets."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.env import SETTINGS, variables
from deploy.local.apache_kafka import CLUSTER_ID
from deploy.local.kafka_jars import kafka_version
from deploy.local.mongod import HISTORY_S, TRANSACTION_LIFETIME_S
from deploy.secret_file import GRAFANA_PASSWORD, secret_lines
from shared.settings import ServiceSettings

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: one for name, one in SERVICES.items() if "build" in one}
SERVICE_COMMANDS = {
    name: one for name, one in OURS.items() if one["command"][0].startswith("services.")
}
PINNED = re.compile(r"[a-z0-9/.-]+:v?\d+(\.\d+)+([a-z0-9.-]*)")
DEFAULT = re.compile(r"\$\{\w+:-(.*?)\}")
VARIABLE = re.compile(r"\$\{(\w+):\?")
IN_THE_IMAGE = {"deploy", "services", "shared", "requirements.lock"}


def service_of(one: dict[str, Any]) -> str:
    return str(one["command"][0]).removeprefix("services.")


def test_every_service_of_the_tree_runs_and_has_its_scheduler() -> None:
    folders = {path.parent.name for path in (ROOT / "services").glob("*/__main__.py")}
    deployed = {(service_of(one), one["command"][1]) for one in SERVICE_COMMANDS.values()}
    assert deployed == {(name, command) for name in folders for command in ("run", "schedule")}
    assert SETTINGS.keys() == folders


@pytest.mark.parametrize("name", SERVICE_COMMANDS)
def test_every_variable_is_a_setting_and_every_required_one_is_given(name: str) -> None:
    one = SERVICE_COMMANDS[name]
    fields = variables(service_of(one))
    given: dict[str, str] = one["environment"]
    assert given.keys() <= fields.keys()
    assert {variable for variable, field in fields.items() if field.is_required()} <= given.keys()


@pytest.mark.parametrize("name", SERVICE_COMMANDS)
def test_service_starts_with_the_settings_of_compose_and_drawn_secrets(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = SERVICE_COMMANDS[name]
    secrets = dict(_assignment(line) for line in secret_lines(tuple(SETTINGS)).splitlines())
    for variable, value in one["environment"].items():
        monkeypatch.setenv(variable, _resolved(value, secrets))
    settings: ServiceSettings = SETTINGS[service_of(one)]()
    assert settings.mongo_database == service_of(one)
    assert settings.group_deadline_s <= TRANSACTION_LIFETIME_S / 3


def test_no_secret_is_written_down_and_all_of_them_are_drawn() -> None:
    drawn = dict(_assignment(line) for line in secret_lines(tuple(SETTINGS)).splitlines())
    wanted = set(VARIABLE.findall((ROOT / "docker-compose.yml").read_text()))
    assert wanted == drawn.keys()
    for one in SERVICE_COMMANDS.values():
        fields = variables(service_of(one))
        for variable, value in one["environment"].items():
            if variable in drawn:
                assert value == f"${{{variable}:?python -m deploy secrets .env}}"
            else:
                assert not re.search(r"KEY|PEPPER|PASSWORD|JWKS", variable), fields[variable]


def test_secret_file_and_environment_files_stay_out_of_the_tree_and_of_the_image() -> None:
    assert ".env" in (ROOT / ".gitignore").read_text().splitlines()
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    assert {rule[1:] for rule in rules if rule.startswith("!")} == IN_THE_IMAGE


def test_secrets_command_writes_once_for_the_owner_only(tmp_path: Path) -> None:
    file = tmp_path / ".env"

    def draw() -> int:
        command = [sys.executable, "-m", "deploy", "secrets", str(file)]
        done = subprocess.run(command, cwd=ROOT, check=False, timeout=60)  # noqa: S603 (our own)
        return done.returncode

    assert draw() == 0
    assert file.stat().st_mode & 0o777 == 0o600
    kept = file.read_text()
    assert GRAFANA_PASSWORD in kept
    assert draw() == 1
    assert file.read_text() == kept


@pytest.mark.parametrize("name", SERVICES)
def test_image_is_pinned_or_ours(name: str) -> None:
    image = SERVICES[name]["image"]
    if name in OURS:
        assert image == "${MCP_IMAGE:-mcp:local}"
        image = SERVICES[name]["build"]["args"]["BASE"]
        assert (
            f"ARG BASE={_default(image)}\n"
            in (ROOT / SERVICES[name]["build"]["dockerfile"]).read_text()
        )
    assert PINNED.fullmatch(_default(image)), image


def test_kafka_is_the_one_of_the_local_runs() -> None:
    assert _default(SERVICES["kafka"]["image"]) == f"apache/kafka:{kafka_version()}"
    assert SERVICES["kafka"]["environment"]["CLUSTER_ID"] == CLUSTER_ID
    assert SERVICES["mongo"]["image"] == SERVICES["mongo-init"]["image"]


def test_mongod_is_set_as_in_the_local_runs() -> None:
    assert {
        f"--setParameter=transactionLifetimeLimitSeconds={TRANSACTION_LIFETIME_S}",
        f"--setParameter=minSnapshotHistoryWindowInSeconds={HISTORY_S}",
    } <= set(SERVICES["mongo"]["command"])


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_open_on_loopback_only(name: str) -> None:
    for port in SERVICES[name].get("ports", []):
        assert port.startswith("127.0.0.1:"), port


@pytest.mark.parametrize("name", OURS)
def test_our_containers_have_no_more_rights_than_they_need(name: str) -> None:
    one = OURS[name]
    assert one["read_only"] is True
    assert one["cap_drop"] == ["ALL"]
    assert one["stop_grace_period"] == "25s"
    assert set(one["depends_on"]) <= SERVICES.keys()


def test_prometheus_reads_every_service_and_mounts_what_exists() -> None:
    told = yaml.safe_load((ROOT / "deploy/observability/prometheus.yml").read_text())
    targets = {
        (target["names"][0], target["port"])
        for target in told["scrape_configs"][0]["dns_sd_configs"]
    }
    runs = {name for name, one in SERVICE_COMMANDS.items() if one["command"][1] == "run"}
    assert targets == {(name, 8000) for name in runs}
    for one in SERVICES.values():
        for volume in one.get("volumes", []):
            source = volume.split(":")[0]
            assert (
                (ROOT / source).exists()
                if source.startswith(".")
                else (source in COMPOSE["volumes"])
            )


def _assignment(line: str) -> tuple[str, str]:
    (word,) = shlex.split(line)
    name, _, value = word.partition("=")
    return name, value


def _resolved(value: Any, secrets: dict[str, str]) -> str:
    asked = VARIABLE.match(str(value))
    return secrets[asked[1]] if asked else _default(str(value))


def _default(value: str) -> str:
    return DEFAULT.sub(r"\1", value)


def test_json_secrets_survive_the_quotes() -> None:
    drawn = dict(_assignment(line) for line in secret_lines(tuple(SETTINGS)).splitlines())
    assert json.loads(drawn["IDENTITY_SIGNING_KEY"])["crv"] == "Ed25519"
    assert json.loads(drawn["IDENTITY_JWKS"]) == json.loads(drawn["NOTIFICATIONS_JWKS"])
    public = json.loads(drawn["IDENTITY_SEALING_KEY"])
    private = json.loads(drawn["NOTIFICATIONS_SEALING_KEYS"])["keys"][0]
    assert public == {name: value for name, value in private.items() if name != "d"}
