"""Rows left behind: all of an aggregate, in order, judged by mongod's time, in turns."""

import time
from collections.abc import Iterable

import pytest
from bson import Timestamp

from shared.mongo import outbox
from shared.mongo.client import Store, is_duplicate_key
from shared.path.work import Row

SECOND_MS = 1_000


def rows(aggregate: str, *seqs: int) -> list[Row]:
    return [
        Row(f"{aggregate}#{seq}", aggregate, seq, "topic", "key", {"ce_id": "x"}, b"{}")
        for seq in seqs
    ]


def keep(store: Store, kept: Iterable[Row]) -> None:
    with store.transaction(5.0) as exchange:
        outbox.insert(exchange, list(kept))


async def make_old(store: Store, *ids: str, seconds: int = 60) -> None:
    at = Timestamp(int(time.time()) - seconds, 1)
    await store.collection(outbox.COLLECTION).update_many(
        {"_id": {"$in": list(ids)}}, {"$set": {"at": at}}
    )


def places(found: Iterable[Row]) -> list[str]:
    return [row.id for row in found]


async def test_all_pending_rows_of_an_aggregate_with_an_old_one_come_in_order(store: Store):
    keep(store, [*rows("a", 3, 1, 2), *rows("b", 1)])
    await make_old(store, "a#2")
    assert places(await outbox.left_behind(store, 10 * SECOND_MS)) == ["a#1", "a#2", "a#3"]


async def test_a_row_just_written_is_not_left_behind(store: Store):
    keep(store, rows("a", 1))
    assert await outbox.left_behind(store, 10 * SECOND_MS) == []


async def test_aggregates_that_cannot_be_sent_do_not_hide_the_others_for_ever(store: Store):
    kept = [row for name in "abcde" for row in rows(name, 1, 2)]
    keep(store, kept)
    await make_old(store, *places(kept))
    first = await outbox.left_behind(store, SECOND_MS, limit=2)
    then = await outbox.left_behind(store, SECOND_MS, after=first[-1].aggregate, limit=2)
    last = await outbox.left_behind(store, SECOND_MS, after=then[-1].aggregate, limit=2)
    assert places(first + then + last) == places(kept)
    assert await outbox.left_behind(store, SECOND_MS, after="e", limit=2) == []


async def test_a_row_comes_back_as_it_was_written(store: Store):
    row = Row("r", "a", 1, "topic", None, {"a.b": "é"}, None)
    keep(store, [row])
    assert await outbox.left_behind(store, -60 * SECOND_MS) == [row]


async def test_pending_rows_are_those_of_the_aggregates_asked_for_in_order(store: Store):
    keep(store, [*rows("a", 2, 1), *rows("b", 1)])
    with store.transaction(5.0) as exchange:
        assert places(outbox.pending_of(exchange, ["a", "none"])) == ["a#1", "a#2"]
        assert outbox.pending_of(exchange, []) == []


async def test_an_aggregate_has_one_event_of_each_number(store: Store):
    keep(store, rows("a", 1))
    again = Row("other", "a", 1, "topic", "key", {}, b"")
    with pytest.raises(Exception) as caught:  # noqa: PT011 - the driver's own kinds
        keep(store, [again])
    assert is_duplicate_key(caught.value)


async def test_the_backlog_tells_how_many_and_how_old_the_oldest_is(store: Store):
    assert await outbox.backlog(store) == (0, 0.0)
    keep(store, rows("a", 1, 2))
    await make_old(store, "a#1", seconds=100)
    count, age_s = await outbox.backlog(store)
    assert count == 2
    assert 95 < age_s < 110


async def test_acknowledged_rows_are_forgotten(store: Store):
    keep(store, rows("a", 1, 2))
    await outbox.delete(store, ["a#1"])
    await outbox.delete(store, [])
    assert places(await outbox.left_behind(store, -60 * SECOND_MS)) == ["a#2"]
