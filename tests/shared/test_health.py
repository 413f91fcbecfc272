"""Whether a service can work, as /readyz and the metrics tell it."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError

from deploy.local.servers import Servers
from shared import health as module
from shared.contracts.platform import ProcessBeat
from shared.health import Health
from shared.kafka.limit import DeadLetterLimit
from shared.kafka.staleness import Staleness
from shared.mongo.client import Store
from shared.path.work import Outcome
from tests.harness.polling import eventually
from tests.shared.mongo.test_outbox import keep, make_old, rows

DEADLINE_S = 10
SOON_S = 5
"""Half of what the driver would wait."""
NOTHING_HELD_BACK = ProcessBeat(
    process_id="p", service="identity", release="r", oldest_pending_s=0.0, at=datetime.now(UTC)
)


class Consumer:
    """A consumer of a topic with one partition, of which the broker answers or not."""

    def __init__(self) -> None:
        self.answers = True
        self.end, self.done = 10, 10

    async def end_offsets(self, partitions: list[Any]) -> dict[Any, int]:
        if not self.answers:
            raise KafkaConnectionError
        return dict.fromkeys(partitions, self.end)

    async def beginning_offsets(self, partitions: list[Any]) -> dict[Any, int]:
        return dict.fromkeys(partitions, 0)

    async def committed(self, _: Any) -> int:
        return self.done

    async def position(self, _: Any) -> int:
        return self.end

    def assignment(self) -> set[Any]:
        return {TopicPartition("topic", 0)}

    def partitions_for_topic(self, _: str) -> set[int]:
        return {0}


@pytest.fixture
def limit() -> DeadLetterLimit:
    return DeadLetterLimit(2, lambda: None)


@pytest.fixture
def consumer() -> Consumer:
    return Consumer()


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_S", 0.02)
    monkeypatch.setattr(module, "BOUND_S", 0.3)


@asynccontextmanager
async def watched(
    store: Store, limit: DeadLetterLimit, consumer: Consumer, staleness: Staleness | None = None
) -> AsyncIterator[Health]:
    health = Health(store, lambda: limit, topic_prefix="")
    health.has_started()
    followed = {} if staleness is None else {"topic": staleness}
    task = asyncio.create_task(health.watch(lambda: {"topic": consumer}, followed))
    try:
        await eventually(lambda: all(health.checks().values()), DEADLINE_S, "well")
        yield health
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.wait({task})


def ill(health: Health) -> list[str]:
    return [name for name, holds in health.checks().items() if not holds]


async def test_what_has_just_started_is_looked_at_at_once(
    store: Store, limit: DeadLetterLimit, consumer: Consumer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "LOOK_S", 60.0)
    health, opened = Health(store, lambda: limit, topic_prefix=""), dict[str, Consumer]()
    task = asyncio.create_task(health.watch(lambda: opened, {}))
    await eventually(lambda: health.checks()["store"], DEADLINE_S, "looked at once")
    assert ill(health) == ["started", "broker"]
    opened["topic"] = consumer
    health.has_started()
    await eventually(lambda: ill(health) == [], DEADLINE_S, "looked at again")
    task.cancel()
    await asyncio.wait({task})


async def test_a_service_is_ready_once_started_and_no_more_once_it_stops(
    store: Store, limit: DeadLetterLimit, consumer: Consumer
):
    fresh = Health(store, lambda: limit, topic_prefix="")
    assert ill(fresh) == ["started", "broker", "store"]
    async with watched(store, limit, consumer) as health:
        health.stopping = True
        assert ill(health) == ["started"]


async def test_a_broker_that_is_away_is_told_and_its_return_too(
    store: Store, limit: DeadLetterLimit, consumer: Consumer
):
    async with watched(store, limit, consumer) as health:
        consumer.answers = False
        await eventually(lambda: ill(health) == ["broker"], DEADLINE_S, "ill")
        consumer.answers = True
        await eventually(lambda: ill(health) == [], DEADLINE_S, "well again")


async def test_a_store_that_hangs_is_told_and_its_return_too(
    servers: Servers, limit: DeadLetterLimit, consumer: Consumer, store: Store
):
    if servers.mongod is None:
        pytest.skip("the mongod is not ours to stop")
    async with watched(store, limit, consumer) as health:
        os.kill(servers.mongod.process.pid, signal.SIGSTOP)
        try:
            await eventually(lambda: ill(health) == ["store"], DEADLINE_S, "ill")
        finally:
            os.kill(servers.mongod.process.pid, signal.SIGCONT)
        await eventually(lambda: ill(health) == [], DEADLINE_S, "well again")


async def test_a_store_that_answers_and_then_counts_no_rows_is_told_as_soon(
    servers: Servers,
    limit: DeadLetterLimit,
    consumer: Consumer,
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
):
    if servers.mongod is None:
        pytest.skip("the mongod is not ours to stop")

    async def answers(*_: Any) -> None:
        """It was there a moment ago."""

    async with watched(store, limit, consumer) as health:
        monkeypatch.setattr(store, "ping", answers)
        os.kill(servers.mongod.process.pid, signal.SIGSTOP)
        try:
            await eventually(lambda: ill(health) == ["store"], SOON_S, "ill")
        finally:
            os.kill(servers.mongod.process.pid, signal.SIGCONT)


async def test_a_row_unpublished_for_long_is_told(
    store: Store, limit: DeadLetterLimit, consumer: Consumer
):
    async with watched(store, limit, consumer) as health:
        keep(store, rows("a", 1, 2))
        await make_old(store, "a1", "a#1", seconds=300)
        await eventually(lambda: ill(health) == ["outbox"], DEADLINE_S, "ill")
        assert 290 < health.oldest_pending_s < 320


async def test_too_many_dead_letters_are_told(
    store: Store, limit: DeadLetterLimit, consumer: Consumer
):
    async with watched(store, limit, consumer) as health:
        limit.count([Outcome("dead"), Outcome("dead")])
        assert ill(health) == ["dead_letters"]


async def test_a_copy_is_as_old_as_the_question_not_as_its_answer(limit: DeadLetterLimit):
    now = 100.0

    class Slow(Consumer):
        async def committed(self, _: Any) -> int:
            nonlocal now
            now += 1.5
            return self.done

    staleness, store = Staleness("identity", lambda: now), Store.__new__(Store)
    health = Health(store, lambda: limit, topic_prefix="")
    staleness.heard(NOTHING_HELD_BACK)
    await health._look_at_lag({"topic": Slow()}, {"topic": staleness})
    assert staleness.seconds() == 1.5


async def test_a_copy_behind_its_topic_ages_and_is_no_illness(
    store: Store, limit: DeadLetterLimit, consumer: Consumer
):
    now = 100.0
    staleness = Staleness("identity", lambda: now)
    staleness.heard(NOTHING_HELD_BACK)
    async with watched(store, limit, consumer, staleness) as health:
        await eventually(lambda: staleness.seconds() == 0, DEADLINE_S, "looked at")
        consumer.done = 4
        now += 8  # taken by this process already, and not yet handled
        await eventually(lambda: staleness.seconds() == 8, DEADLINE_S, "it ages")
        assert ill(health) == []
        consumer.done = 10
        await eventually(lambda: staleness.seconds() == 0, DEADLINE_S, "fresh again")
