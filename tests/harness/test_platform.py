"""The harness runs, drives and breaks a platform of stand-in services."""

import os
import signal
from datetime import timedelta

import pytest

from shared.contracts.topics import commands_topic, refusals_topic
from tests.harness.fixtures import StartPlatform
from tests.harness.platform import Platform
from tests.harness.polling import eventually
from tests.harness.topics import Outgoing, Record

pytestmark = [pytest.mark.connected, pytest.mark.timeout(120)]

IDENTITY = "identity"
STAND_INS = {name: ("tests.harness.stand_in", name) for name in (IDENTITY, "notifications")}
DEADLINE_S = 20


def commands(platform: Platform, count: int) -> list[Outgoing]:
    topic = platform.topic(commands_topic(IDENTITY))
    return [
        Outgoing(topic, f"k{number % 7}".encode(), (("ce_id", b"x"),), f'{{"n":{number}}}'.encode())
        for number in range(count)
    ]


def every(_record: Record) -> bool:
    return True


@pytest.mark.parametrize("replicas", [1, pytest.param(2, marks=pytest.mark.apache)])
async def test_commands_come_back_and_lag_falls_to_zero(
    start_platform: StartPlatform, replicas: int
) -> None:
    platform = await start_platform((IDENTITY,), modules=STAND_INS, replicas={IDENTITY: replicas})
    follower = await platform.follow(refusals_topic(IDENTITY))
    await platform.publish(commands(platform, 200))
    echoed = await follower.wait_for_many(every, 200, DEADLINE_S)
    assert sorted(record.json()["n"] for record in echoed) == list(range(200))
    assert echoed[0].header("ce_id") == "x"
    stored = await platform.read(commands_topic(IDENTITY))
    assert [record.json()["n"] for record in stored if record.key == b"k3"] == list(
        range(3, 200, 7)
    )

    async def no_lag() -> bool:
        return await platform.lag("identity.commands.v1", commands_topic(IDENTITY)) == 0

    await eventually(no_lag, DEADLINE_S, "no lag")


async def test_killed_replica_comes_back_and_takes_what_waited(
    start_platform: StartPlatform,
) -> None:
    platform = await start_platform((IDENTITY,), modules=STAND_INS)
    platform.kill(IDENTITY)
    assert platform.replica(IDENTITY).process.exit_code == -signal.SIGKILL
    await platform.publish(commands(platform, 10))
    assert await platform.lag("identity.commands.v1", commands_topic(IDENTITY)) == 10
    await platform.restart(IDENTITY)
    follower = await platform.follow(refusals_topic(IDENTITY))
    await follower.wait_for(lambda record: record.json()["n"] == 9, DEADLINE_S)


async def test_terminate_tells_exit_code_and_time(start_platform: StartPlatform) -> None:
    platform = await start_platform((IDENTITY, "notifications"), modules=STAND_INS)
    ended = await platform.terminate("notifications")
    assert ended.exit_code in (0, -signal.SIGTERM)
    assert ended.seconds < DEADLINE_S
    assert platform.replica(IDENTITY).running
    assert {"event": "ready", "service": "notifications"} in platform.replica(
        "notifications"
    ).log_lines()


async def test_operator_command_and_scheduler(start_platform: StartPlatform) -> None:
    platform = await start_platform((IDENTITY,), modules=STAND_INS, schedulers=(IDENTITY,))
    done = await platform.run_command(IDENTITY, "nonsense")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "unknown command nonsense" in done.stderr
    assert platform.scheduler(IDENTITY).running
    done = await platform.run_command(IDENTITY, "migrate")
    assert (done.exit_code, done.stderr) == (0, "")
    assert platform.database(IDENTITY)["migrations"].count_documents({}) == 1


async def test_only_a_service_that_does_not_run_is_migrated(start_platform: StartPlatform) -> None:
    """One that runs does so by itself."""
    platform = await start_platform(
        (IDENTITY, "notifications"), modules=STAND_INS, replicas={"notifications": 0}
    )
    assert [each.name for each in platform.replicas()] == ["identity-0"]
    assert platform.database("notifications")["migrations"].count_documents({}) == 1
    assert platform.database(IDENTITY)["migrations"].count_documents({}) == 0


async def test_clock_and_http(start_platform: StartPlatform) -> None:
    platform = await start_platform((IDENTITY,), modules=STAND_INS)
    client = await platform.http(IDENTITY)
    platform.set_clock(timedelta(days=1))
    assert (await client.request("GET", "/clock")).json() == {"seconds": 86400}
    answer = await client.request("POST", "/headers", {}, session="s", idempotency_key="k")
    assert answer.json()["authorization"] == "Bearer s"
    assert answer.json()["idempotency-key"] == "k"


async def test_platforms_on_the_same_servers_are_apart(start_platform: StartPlatform) -> None:
    first = await start_platform((IDENTITY,), modules=STAND_INS)
    second = await start_platform((IDENTITY,), modules=STAND_INS)
    await first.publish(commands(first, 5))
    follower = await first.follow(refusals_topic(IDENTITY))
    await follower.wait_for_many(every, 5, DEADLINE_S)
    assert await second.read(refusals_topic(IDENTITY)) == []


async def test_service_environment_holds_nothing_of_ours(
    start_platform: StartPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "IDENTITY_RELEASE", "leaked")
    platform = await start_platform(
        (IDENTITY,), modules=STAND_INS, environment={IDENTITY: {"IDENTITY_LOG_LEVEL": "debug"}}
    )
    environment = platform.replica(IDENTITY).environment
    assert environment["IDENTITY_RELEASE"] == "dev"
    assert environment["IDENTITY_LOG_LEVEL"] == "debug"
    assert not [name for name in environment if name.startswith("NOTIFICATIONS_")]
