"""A projection keeps what the newest fact told, whatever order and company facts come in."""

import random
from typing import Any

import pytest
from pymongo.errors import BulkWriteError

from shared.mongo import projection
from shared.mongo.client import Store
from tests.shared.tiny import SEEN, CounterMoved, CounterPassed, CounterSnapshot

pytestmark = pytest.mark.connected

Told = tuple[Any, int]


def moved(total: int, sequence: int) -> Told:
    return CounterMoved(counter_id="a", total=total), sequence


def passed(hundreds: int, sequence: int) -> Told:
    return CounterPassed(counter_id="a", hundreds=hundreds), sequence


def snapshot(total: int, hundreds: int, sequence: int) -> Told:
    return CounterSnapshot(counter_id="a", total=total, hundreds=hundreds), sequence


async def after(store: Store, *polls: list[Told]) -> dict[str, Any] | None:
    collection = store.collection(SEEN.collection)
    for poll in polls:
        await projection.apply(SEEN, collection, poll)
    return await collection.find_one({"_id": "a"})


async def test_late_repeat_in_the_company_of_a_newer_fact_changes_nothing(
    store: Store,
) -> None:
    copy = await after(store, [moved(30, 1), moved(70, 2)], [moved(30, 1), passed(1, 3)])
    assert copy == {"_id": "a", "total": 70, "hundreds": 1, "seq": 3}


async def test_older_snapshot_in_the_same_poll_takes_nothing_back(store: Store) -> None:
    copy = await after(store, [moved(30, 1)], [moved(130, 2), snapshot(30, 0, 1)])
    assert copy == {"_id": "a", "total": 130, "seq": 2}


async def test_snapshot_completes_a_copy_with_the_same_number(store: Store) -> None:
    copy = await after(store, [passed(1, 4)], [snapshot(130, 1, 4), moved(140, 5)])
    assert copy == {"_id": "a", "total": 140, "hundreds": 1, "seq": 5}


async def test_values_are_never_expressions(store: Store) -> None:
    named = projection.Projection(
        collection=SEEN.collection,
        topic=SEEN.topic,
        owner=SEEN.owner,
        facts=SEEN.facts,
        document=lambda fact: ("a", {"name": f"$seq {fact.total}", "tree": {"$x": fact.total}}),
    )
    collection = store.collection(SEEN.collection)
    await projection.apply(named, collection, [moved(1, 1), moved(2, 2)])
    copy = await collection.find_one({"_id": "a"})
    assert copy == {"_id": "a", "name": "$seq 2", "tree": {"$x": 2}, "seq": 2}


@pytest.mark.parametrize("seed", range(20))
async def test_any_repeats_in_any_polls_end_in_the_same_copy(store: Store, seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - no secret
    facts = [
        moved(n, n) if draw.random() < 0.5 else passed(n, n) for n in range(1, draw.randint(2, 30))
    ]
    records: list[Told] = []
    for number, fact in enumerate(facts):
        records.append(fact)
        records += draw.sample(facts[: number + 1], draw.randint(0, min(3, number)))
    polls = []
    while records:
        size = draw.randint(1, 8)
        polls.append(records[:size])
        records = records[size:]
    expected: dict[str, Any] = {"_id": "a", "seq": len(facts)}
    for fact, _ in facts:
        expected |= fact.model_dump(exclude={"counter_id"})
    assert await after(store, *polls) == expected


class MeetsAnOlderCopy:
    """The collection, where another process makes an older copy while we make ours."""

    def __init__(self, collection: Any) -> None:
        self._collection = collection

    async def bulk_write(self, _: list[Any], **__: Any) -> None:
        collection, self.bulk_write = self._collection, self._collection.bulk_write  # type: ignore[method-assign]
        await projection.apply(SEEN, collection, [moved(30, 1)])
        raise BulkWriteError({"writeErrors": [{"index": 0, "code": 11000}]})


async def test_copy_that_another_process_made_in_the_meantime_is_brought_up_to_date(
    store: Store,
) -> None:
    collection = store.collection(SEEN.collection)
    await projection.apply(SEEN, MeetsAnOlderCopy(collection), [moved(70, 2)])  # type: ignore[arg-type]
    assert await collection.find_one({"_id": "a"}) == {"_id": "a", "total": 70, "seq": 2}
