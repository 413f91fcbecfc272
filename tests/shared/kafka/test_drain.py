"""The one drain of a process: in order, each row once, a failure stays with its aggregate."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest
from bson import Timestamp
from pymongo.errors import AutoReconnect

from shared.kafka import drain as module
from shared.kafka.drain import Drain
from shared.mongo import outbox
from shared.mongo.client import Store
from shared.path.work import Row
from tests.harness.polling import eventually

DEADLINE_S = 5


class Producer:
    """Acknowledges every row but those of the aggregates that it is told to fail."""

    def __init__(self) -> None:
        self.rounds: list[list[str]] = []
        self.failing: set[str] = set()
        self.away = False
        self.open = asyncio.Event()
        self.open.set()

    async def publish(self, rows: Sequence[Row]) -> set[str]:
        self.rounds.append([row.id for row in rows])
        await self.open.wait()
        return {row.id for row in rows if row.aggregate not in self.failing}

    @property
    def published(self) -> list[str]:
        return [id for round in self.rounds for id in round]


@pytest.fixture
def producer() -> Producer:
    return Producer()


@pytest.fixture(autouse=True)
def back_off(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], float]:
    def backoff_s(_: int) -> float:
        return 0.02

    monkeypatch.setattr(module, "backoff_s", backoff_s)
    return backoff_s


def rows(aggregate: str, *seqs: int) -> list[Row]:
    return [Row(f"{aggregate}{seq}", aggregate, seq, "topic", "key", {}, b"{}") for seq in seqs]


def keep(store: Store, kept: Sequence[Row]) -> None:
    with store.transaction(5.0) as exchange:
        outbox.insert(exchange, kept)


async def kept_ids(store: Store) -> list[str]:
    return sorted([row["_id"] async for row in store.collection(outbox.COLLECTION).find()])


@asynccontextmanager
async def draining(
    store: Store, producer: Producer, *, sweeping: bool = False
) -> AsyncIterator[Drain]:
    """A drain that runs."""
    drain = Drain(store, producer)  # type: ignore[arg-type]
    tasks = [asyncio.create_task(drain.run())]
    if sweeping:
        tasks.append(asyncio.create_task(drain.sweep()))
    try:
        yield drain
        assert not any(task.done() for task in tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def done(published: asyncio.Future[None]) -> None:
    await asyncio.wait_for(published, DEADLINE_S)


async def test_rows_are_published_in_order_then_forgotten(store: Store, producer: Producer):
    added = [*rows("a", 1, 2), *rows("b", 1)]
    keep(store, added)
    async with draining(store, producer) as drain:
        await done(drain.add(added))
        assert producer.rounds == [["a1", "a2", "b1"]]
        await eventually(lambda: drain.size == 0, DEADLINE_S, "queue empty")
        await eventually(lambda: _is_empty(store), DEADLINE_S, "outbox empty")


async def _is_empty(store: Store) -> bool:
    return await kept_ids(store) == []


async def test_what_one_round_published_is_deleted_while_the_next_one_goes(
    store: Store, producer: Producer
):
    added = rows("a", 1, 2)
    keep(store, added)
    async with draining(store, producer) as drain:
        await done(drain.add(added[:1]))
        producer.open.clear()
        second = drain.add(added[1:])
        await eventually(lambda: len(producer.rounds) == 2, DEADLINE_S, "second round under way")
        await eventually(lambda: _is_kept(store, "a2"), DEADLINE_S, "only the second is kept")
        producer.open.set()
        await done(second)
        await eventually(lambda: not drain.busy, DEADLINE_S, "nothing left to delete")
        assert await kept_ids(store) == []


async def _is_kept(store: Store, *ids: str) -> bool:
    return await kept_ids(store) == list(ids)


async def test_a_stop_waits_for_what_is_to_be_deleted(
    store: Store, producer: Producer, monkeypatch: pytest.MonkeyPatch
):
    """Else a clean stop leaves rows behind, and they are sent twice."""
    deleting = asyncio.Event()
    monkeypatch.setattr(outbox, "delete", lambda _, __: deleting.wait())
    async with draining(store, producer) as drain:
        await done(drain.add(rows("a", 1)))
        assert drain.size == 0
        assert drain.busy
        deleting.set()
        await eventually(lambda: not drain.busy, DEADLINE_S, "deleted")


async def test_a_row_already_queued_is_not_queued_again(store: Store, producer: Producer):
    producer.open.clear()
    async with draining(store, producer) as drain:
        first = drain.add(rows("a", 1))
        await eventually(lambda: producer.rounds, DEADLINE_S, "first round")
        again, both = drain.add(rows("a", 1)), drain.add(rows("a", 1, 2))
        assert drain.size == 2
        producer.open.set()
        await asyncio.gather(done(first), done(again), done(both))
    assert producer.published == ["a1", "a2"]


async def test_a_row_acknowledged_a_moment_ago_is_not_sent_again(store: Store, producer: Producer):
    """A commit under way may have read it before it was deleted."""
    async with draining(store, producer) as drain:
        await done(drain.add(rows("a", 1)))
        await done(drain.add(rows("a", 1)))
        await done(drain.add(rows("a", 1, 2)))
    assert producer.published == ["a1", "a2"]


async def test_a_failure_holds_its_aggregate_back_and_nobody_elses(
    store: Store, producer: Producer
):
    producer.failing = {"bad"}
    async with draining(store, producer) as drain:
        held = drain.add([*rows("bad", 1), *rows("a", 1), *rows("bad", 2)])
        for number in range(2, 30):
            await done(drain.add(rows("a", number)))
        assert not held.done()
        assert drain.size == 2
        producer.failing = set()
        await done(held)
    sent = [id for id in producer.published if id.startswith("bad")]
    assert sent[-2:] == ["bad1", "bad2"]
    assert [id for id in producer.published if id.startswith("a")] == [
        f"a{number}" for number in range(1, 30)
    ]


async def test_while_the_broker_is_away_all_wait_and_all_go_when_it_is_back(
    store: Store, producer: Producer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "backoff_s", lambda _: 60.0)
    monkeypatch.setattr(module, "LONGEST_PAUSE_S", 0.2)
    producer.failing, producer.away = {"a", "b"}, True
    async with draining(store, producer) as drain:
        published = drain.add([*rows("a", 1), *rows("b", 1)])
        await eventually(lambda: producer.rounds, DEADLINE_S, "first round")
        later = drain.add(rows("b", 2))
        assert len(producer.rounds) == 1
        producer.failing, producer.away = set(), False
        await done(published)
        await done(later)
        assert producer.rounds[-1] == ["a1", "b1", "b2"]


async def test_nothing_is_sent_while_everything_is_held_back(
    store: Store, producer: Producer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "backoff_s", lambda attempt: 0.05 * attempt)
    producer.failing = {"bad"}
    async with draining(store, producer) as drain:
        drain.add(rows("bad", 1))
        started = time.monotonic()
        await eventually(lambda: len(producer.rounds) == 4, DEADLINE_S, "four tries")
        assert time.monotonic() - started >= 0.05 + 0.1 + 0.15


async def test_a_round_is_bounded(
    store: Store, producer: Producer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "ROUND_ROWS", 3)
    async with draining(store, producer) as drain:
        await done(drain.add(rows("a", *range(1, 8))))
    assert [len(each) for each in producer.rounds] == [3, 3, 1]
    assert producer.published == [f"a{number}" for number in range(1, 8)]


async def test_what_was_left_behind_is_swept_all_of_its_aggregate_in_order(
    store: Store, producer: Producer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "SWEEP_S", 0.02)
    left = [*rows("a", 3, 1, 2), *rows("b", 1)]
    keep(store, left)
    old = Timestamp(int(time.time()) - 60, 1)
    await store.collection(outbox.COLLECTION).update_many(
        {"_id": {"$in": ["a2"]}}, {"$set": {"at": old}}
    )
    async with draining(store, producer, sweeping=True):
        await eventually(lambda: producer.published, DEADLINE_S, "swept")
        assert producer.published == ["a1", "a2", "a3"]
        await eventually(lambda: _has(store, ["b1"]), DEADLINE_S, "only what is young is left")


async def _has(store: Store, ids: list[str]) -> bool:
    return await kept_ids(store) == ids


async def test_rows_that_cannot_be_sent_do_not_starve_others_left_behind(
    store: Store, producer: Producer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "SWEEP_S", 0.01)
    monkeypatch.setattr(module, "LEFT_BEHIND_MS", -60_000)
    page = 500
    bad = [f"bad{number:03}" for number in range(page + 10)]
    keep(store, [row for name in bad for row in rows(name, 1)] + rows("good", 1))
    producer.failing = set(bad)
    async with draining(store, producer, sweeping=True):
        await eventually(lambda: "good1" in producer.published, DEADLINE_S, "the good one")
        await eventually(lambda: _count(store, len(bad)), DEADLINE_S, "it is forgotten")


async def test_rows_that_cannot_be_sent_and_nobody_waits_for_do_not_fill_the_memory(
    store: Store, producer: Producer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "SWEEP_S", 0.01)
    monkeypatch.setattr(module, "LEFT_BEHIND_MS", -60_000)
    bad = [f"bad{number}" for number in range(30)]
    keep(store, [row for name in bad for row in rows(name, 1)])
    producer.failing = set(bad)
    async with draining(store, producer, sweeping=True) as drain:
        await eventually(lambda: len(producer.published) >= 60, DEADLINE_S, "tried in turn")
        await eventually(lambda: drain.size == 0, DEADLINE_S, "none is kept in between")
        drain._held.clear()  # else its turn may come in ten seconds only
        before = len(producer.rounds)
        awaited = drain.add(rows("bad1", 1))
        await eventually(
            lambda: any("bad11" in tried for tried in producer.rounds[before:]), DEADLINE_S, "tried"
        )
        assert not awaited.done()
        producer.failing = set()
        drain._held.clear()
        await done(awaited)


async def _count(store: Store, count: int) -> bool:
    return len(await kept_ids(store)) == count


async def test_rows_that_could_not_be_deleted_are_swept_and_sent_again(
    store: Store, producer: Producer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "SWEEP_S", 0.02)
    monkeypatch.setattr(module, "LEFT_BEHIND_MS", -60_000)
    delete, fails = outbox.delete, [AutoReconnect("gone"), AutoReconnect("gone")]

    async def deleting(store: Store, ids: Sequence[str]) -> None:
        if fails:
            raise fails.pop()
        await delete(store, ids)

    monkeypatch.setattr(outbox, "delete", deleting)
    added = rows("a", 1)
    keep(store, added)
    async with draining(store, producer, sweeping=True) as drain:
        await done(drain.add(added))
        await eventually(lambda: _is_empty(store), DEADLINE_S, "forgotten at last")
    assert len(producer.published) >= 3
    assert set(producer.published) == {"a1"}


async def test_a_sweep_that_fails_is_not_the_last(
    store: Store, producer: Producer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "SWEEP_S", 0.01)
    monkeypatch.setattr(module, "LEFT_BEHIND_MS", -60_000)
    left_behind, fails = outbox.left_behind, [AutoReconnect("gone")]

    async def looking(*arguments: object, **options: object) -> list[Row]:
        if fails:
            raise fails.pop()
        return await left_behind(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(outbox, "left_behind", looking)
    keep(store, rows("a", 1))
    async with draining(store, producer, sweeping=True):
        await eventually(lambda: producer.published, DEADLINE_S, "swept")
    assert not fails


async def test_what_is_remembered_of_acknowledged_rows_is_bounded(
    store: Store, producer: Producer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "RECENT_ROWS", 5)
    async with draining(store, producer) as drain:
        for number in range(1, 40):
            await done(drain.add(rows("a", number)))
        await eventually(lambda: len(drain._acknowledged) <= 6, DEADLINE_S, "bounded")
        assert not drain._waiting
        assert not drain._held
        assert not drain._failures
