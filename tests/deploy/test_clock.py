"""The clock moves in every database of a test or demo platform, and in no other."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from pymongo import MongoClient

from deploy.__main__ import main
from deploy.clock import parse_step, read_offsets, targets_from
from deploy.local.servers import Servers

SERVICES = ("IDENTITY", "NOTIFICATIONS")


@pytest.fixture
def platform(
    servers: Servers, database_name: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, str]]:
    environment = {}
    for service in SERVICES:
        environment[f"{service}_MONGO_URI"] = servers.mongo
        environment[f"{service}_MONGO_DATABASE"] = f"{database_name}_{service.lower()}"
        environment[f"{service}_ENVIRONMENT"] = "demo"
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    yield environment
    with MongoClient[dict[str, object]](servers.mongo) as client:
        for service in SERVICES:
            client.drop_database(f"{database_name}_{service.lower()}")


def offsets(environment: dict[str, str]) -> set[timedelta]:
    found = read_offsets(targets_from(environment))
    assert set(found) == {"identity", "notifications"}
    return set(found.values())


@pytest.mark.connected
def test_clock_moves_ahead_and_back(
    platform: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert offsets(platform) == {timedelta()}
    assert main(["clock", "+24h"]) == 0
    assert main(["clock", "+1d30m"]) == 0
    assert offsets(platform) == {timedelta(days=2, minutes=30)}
    capsys.readouterr()
    assert main(["clock", "show"]) == 0
    shown = capsys.readouterr().out
    assert shown == "identity: +2 days, 0:30:00\nnotifications: +2 days, 0:30:00\n"
    assert main(["clock", "reset"]) == 0
    assert offsets(platform) == {timedelta()}


@pytest.mark.connected
@pytest.mark.parametrize("environment", ["production", "staging", ""])
def test_no_clock_moves_if_one_may_not(
    platform: dict[str, str], environment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFICATIONS_ENVIRONMENT", environment)
    assert main(["clock", "+24h"]) == 1
    assert main(["clock", "reset"]) == 1
    assert offsets(platform) == {timedelta()}


@pytest.mark.connected
@pytest.mark.parametrize("step", ["24h", "-24h", "+", "+1y", "+1", "now"])
def test_other_steps_are_misused(platform: dict[str, str], step: str) -> None:
    assert main(["clock", "--", step]) == 2
    assert offsets(platform) == {timedelta()}


def test_no_database_is_misused(monkeypatch: pytest.MonkeyPatch) -> None:
    for service in SERVICES:
        monkeypatch.delenv(f"{service}_MONGO_URI", raising=False)
    assert main(["clock", "show"]) == 2


def test_steps() -> None:
    assert parse_step("+24h") == timedelta(days=1)
    assert parse_step("+214d12h5m3s") == timedelta(days=214, hours=12, minutes=5, seconds=3)
