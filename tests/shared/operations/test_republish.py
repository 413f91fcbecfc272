"""The present state told again: whole, with its own number and id, triggering nothing."""

import dataclasses
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from shared.clock import Clock
from shared.contracts.envelope import Snapshot
from shared.mongo import clock_document
from shared.mongo.client import Store
from shared.mongo.documents import to_row
from shared.operations import republish as module
from shared.operations.endings import DONE, MISUSED
from shared.operations.rebuild import rebuild
from shared.operations.republish import republish
from shared.path.decision import Document
from shared.service import Service
from tests.harness.fixtures import StartPlatform
from tests.harness.polling import eventually
from tests.harness.topics import Kafka, Record, read_topic
from tests.shared import tiny

pytestmark = pytest.mark.connected


async def keep(store: Store, count: int) -> None:
    counters = [tiny.Counter(id=f"k{n}", total=n, seq=n + 1, version=n + 9) for n in range(count)]
    await store.collection("counters").insert_many(
        [{**to_row(counter), "seq": counter.seq} for counter in counters]
    )


async def told(service: Service, kafka: Kafka) -> list[Record]:
    return await read_topic(kafka, service.settings.topic_prefix + tiny.COUNTERS)


async def test_every_aggregate_is_told_with_its_number(
    tiny_service: Service,
    tiny_store: Store,
    kafka: Kafka,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "ROUND_ROWS", 3)
    await keep(tiny_store, 8)
    assert await republish(tiny_service, wet_run=True) == DONE
    records = await told(tiny_service, kafka)
    assert {(r.key, int(r.header("ce_sequence") or 0), r.json()["total"]) for r in records} == {
        (f"k{n}".encode(), n + 1, n) for n in range(8)
    }
    assert {r.header("ce_type") for r in records} == {tiny.CounterSnapshot.TYPE}
    assert "Publiés : 8" in capsys.readouterr().out


async def test_state_told_again_is_another_record_with_the_same_number(
    tiny_service: Service, tiny_store: Store, kafka: Kafka
) -> None:
    await keep(tiny_store, 2)
    for _ in range(2):
        assert await republish(tiny_service, wet_run=True) == DONE
    records = await told(tiny_service, kafka)
    assert len(records) == 4
    assert len({record.header("ce_id") for record in records}) == 4
    assert len({(record.key, record.header("ce_sequence")) for record in records}) == 2


async def test_dry_run_counts_and_publishes_nothing(
    tiny_service: Service, tiny_store: Store, kafka: Kafka, capsys: pytest.CaptureFixture[str]
) -> None:
    await keep(tiny_store, 2)
    assert await republish(tiny_service, wet_run=False) == DONE
    assert await told(tiny_service, kafka) == []
    assert f"À publier sur « {tiny.COUNTERS} » : 2" in capsys.readouterr().out


async def test_state_is_told_at_the_moment_of_the_platform(
    tiny_service: Service, tiny_store: Store
) -> None:
    asked: list[datetime] = []

    async def snapshots(_: Store, now: datetime) -> AsyncIterator[tuple[Document, Snapshot]]:
        asked.append(now)
        told: tuple[tuple[Document, Snapshot], ...] = ()
        for each in told:
            yield each

    ahead = timedelta(days=40)
    clock = tiny_store.collection(clock_document.COLLECTION)
    await clock.insert_one({"_id": clock_document.ID, "seconds": int(ahead.total_seconds())})
    moved = dataclasses.replace(tiny_service, snapshots=snapshots)
    for wet_run in (False, True):
        assert await republish(moved, wet_run=wet_run) == DONE
    assert all(abs(each - ahead - Clock.real_now()) < timedelta(minutes=1) for each in asked)
    assert len(asked) == 2


async def test_projection_starts_from_snapshots_alone(
    tiny_service: Service, tiny_store: Store
) -> None:
    await keep(tiny_store, 3)
    await republish(tiny_service, wet_run=True)
    assert await rebuild(tiny_service, None, wet_run=True) == DONE
    seen = {row["_id"]: row["total"] async for row in tiny_store.collection("counters_seen").find()}
    assert seen == {"k0": 0, "k1": 1, "k2": 2}


async def test_service_without_state_says_so(
    tiny_service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    stateless = dataclasses.replace(tiny_service, snapshots=None)
    assert await republish(stateless, wet_run=True) == MISUSED
    assert "n’a pas d’état à publier" in capsys.readouterr().out


async def test_running_service_goes_on_unchanged(start_platform: StartPlatform) -> None:
    platform = await start_platform((tiny.SERVICE,), modules=tiny.MODULES, topics=tiny.TOPICS)
    database = platform.database(tiny.SERVICE)
    commands = {f"m{n}": tiny.AddToCounter(counter_id=f"k{n % 5}", amount=60) for n in range(20)}
    topic = platform.topic(tiny.COMMANDS)
    await platform.publish(tiny.commands_of(platform.settings.keys, topic, commands))
    follower = await platform.follow(tiny.COUNTERS)
    await follower.wait_for_many(lambda r: r.header("ce_type") == tiny.CounterMoved.TYPE, 20, 20)
    before = list(database["counters"].find().sort("_id"))
    done = await platform.run_command(tiny.SERVICE, "republish", "--wet-run")
    assert done.exit_code == 0, done.stderr
    await follower.wait_for_many(lambda r: r.header("ce_type") == tiny.CounterSnapshot.TYPE, 5, 20)

    async def no_lag() -> bool:
        return await platform.lag(tiny.group(tiny.COUNTERS), tiny.COUNTERS) == 0

    await eventually(no_lag, 20, "snapshots taken in")
    assert list(database["counters"].find().sort("_id")) == before
    seen = {row["_id"]: (row["total"], row["seq"]) for row in database["counters_seen"].find()}
    assert seen == {row["_id"]: (row["total"], row["seq"]) for row in before}
