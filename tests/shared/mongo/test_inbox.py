"""What was decided once is known: one effect, and what it told goes out all the same."""

import asyncio

import pytest

from shared.mongo.client import Store, StoreError
from shared.mongo.unit_of_work import UnitOfWork
from shared.path.work import Park, Repeat, Work
from tests.shared.asking import HOUSE, add, origin_at
from tests.shared.mongo.deciding import DEADLINE_S, both_loaded_before_either_writes, total


async def test_a_message_id_acts_once_even_from_two_processes_at_once(
    store: Store, unit_of_work: UnitOfWork, monkeypatch: pytest.MonkeyPatch
):
    both_loaded_before_either_writes(monkeypatch)
    other = UnitOfWork(store, HOUSE, DEADLINE_S)
    outcomes = await asyncio.gather(
        unit_of_work.attempt([add("c1", 7, id="m1")]),
        other.attempt([add("c1", 7, id="m1")]),
        return_exceptions=True,
    )
    assert sum(isinstance(each, StoreError) for each in outcomes) == 1
    again = await other.attempt([add("c1", 7, id="m1")])
    assert again.outcomes[0].first is False
    assert await total(store) == 7


async def test_a_known_message_is_answered_without_its_slow_part(
    store: Store, unit_of_work: UnitOfWork
):
    await unit_of_work.attempt([add("c1", id="m1")])
    assert await unit_of_work.known_of(["m1", "m2"]) == {"m1"}
    again = await unit_of_work.attempt([Repeat("m1"), add("c1", id="m2")])
    assert [(outcome.status, outcome.first) for outcome in again.outcomes] == [
        ("done", False),
        ("done", True),
    ]
    assert await total(store) == 2


async def test_pending_rows_go_out_again_when_the_message_is_already_known(
    unit_of_work: UnitOfWork,
):
    first = await unit_of_work.attempt([add("c1", 120, id="m1")])
    again = await unit_of_work.attempt([add("c1", 120, id="m1")])
    assert again.rows == first.rows
    assert [each.seq for each in again.rows] == [1, 2]


async def test_pending_rows_of_a_known_refusal_and_of_a_known_dead_letter_go_out_again(
    unit_of_work: UnitOfWork,
):
    works: list[Work] = [add("c1", -5, id="m1"), Park(origin_at(3), "json_invalid")]
    first = await unit_of_work.attempt(works)
    again = await unit_of_work.attempt(works)
    assert sorted(each.id for each in again.rows) == sorted(each.id for each in first.rows)
    assert [outcome.first for outcome in again.outcomes] == [False, False]


async def test_rows_that_another_process_left_go_out_before_those_that_follow_them(
    store: Store, unit_of_work: UnitOfWork
):
    await UnitOfWork(store, HOUSE, DEADLINE_S).attempt([add("c1"), add("c1")])
    done = await unit_of_work.attempt([add("c2"), add("c1")])
    assert [each.seq for each in done.rows if each.aggregate == "counters/c1"] == [1, 2, 3]
