"""One group, one transaction, on a real mongod."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from pymongo import UpdateOne

from deploy.local.servers import Servers
from shared.errors import Refusal
from shared.mongo import outbox
from shared.mongo.client import Store, StoreError
from shared.mongo.documents import Documents
from shared.mongo.faults import MongoFaults
from shared.mongo.unit_of_work import UnitOfWork
from shared.path.decision import Decision, Document, Key, Request, State, Told
from shared.path.work import Work
from tests.harness.polling import eventually
from tests.shared.asking import HOUSE, NOW, add, ask, use_case
from tests.shared.mongo.deciding import (
    DEADLINE_S,
    both_loaded_before_either_writes,
    count,
    row,
    total,
)
from tests.shared.tiny import Counter, CounterMoved

FAULTS = MongoFaults()


class Seen(Document):
    """A copy of another service's fact."""

    COLLECTION: ClassVar[str] = "counters_seen"
    FOREIGN: ClassVar[bool] = True


# -- together or not at all -----------------------------------------------------------------------


async def test_documents_inbox_and_outbox_rows_are_written_together(
    store: Store, unit_of_work: UnitOfWork
):
    done = await unit_of_work.attempt([add("c1", 120, id="m1"), add("c1", -500, id="m2")])
    stored = await row(store, "counters", "c1")
    assert (stored["total"], stored["version"], stored["seq"]) == (120, 1, 2)
    assert (await row(store, "inbox", "m1"))["result"] == {"counter_id": "c1"}
    assert (await row(store, "inbox", "m2"))["refusal"]["code"] == "total_negatif"
    assert await count(store, "outbox") == 3
    assert [each.seq for each in done.rows] == [1, 2, 0]


async def test_one_message_that_fails_leaves_nothing_of_its_group(
    store: Store, unit_of_work: UnitOfWork
):
    def fail(_: Request[Any, Any], __: State) -> Decision:
        raise ValueError("of the decision")

    with pytest.raises(ValueError, match="of the decision") as caught:
        await unit_of_work.attempt([add("c1"), ask(use_case(fail), object())])
    assert not FAULTS.is_transient(caught.value)
    assert [await count(store, name) for name in ("counters", "inbox", "outbox")] == [0, 0, 0]


async def test_a_cancelled_attempt_comes_to_its_end_and_frees_its_locks(
    store: Store, unit_of_work: UnitOfWork, monkeypatch: pytest.MonkeyPatch
):
    """As a process that stops does it: what it leaves is whole, and swept by whoever is there."""
    await unit_of_work.attempt([add("c1")])
    written, go_on, insert = threading.Event(), threading.Event(), outbox.insert

    def held(*arguments: Any) -> None:
        insert(*arguments)
        written.set()
        go_on.wait(DEADLINE_S)

    with monkeypatch.context() as patched:
        patched.setattr(outbox, "insert", held)
        attempt = asyncio.create_task(unit_of_work.attempt([add("c1")]))
        await eventually(written.is_set, DEADLINE_S, "written")
        attempt.cancel()
        await asyncio.wait({attempt})
    assert await total(store) == 1
    go_on.set()

    async def is_whole() -> bool:
        return await total(store) == 2

    await eventually(is_whole, DEADLINE_S, "committed")
    await unit_of_work.attempt([add("c1", 5)])
    assert await total(store) == 7
    assert await count(store, "outbox") == 3


# -- order of a group -----------------------------------------------------------------------------


async def test_documents_are_loaded_once_and_at_most_one_further_round(
    unit_of_work: UnitOfWork, monkeypatch: pytest.MonkeyPatch
):
    rounds: list[set[Key[Any]]] = []
    load = Documents.load

    def noted(documents: Documents, keys: set[Key[Any]]) -> None:
        rounds.append(set(keys))
        load(documents, keys)

    monkeypatch.setattr(Documents, "load", noted)
    c1, c2, c3 = (Counter.key_of(f"c{n}") for n in (1, 2, 3))

    def decide(_: Any, state: State) -> Decision:
        assert state.get(c1) is None
        assert state.get(c2) is None
        return Decision()

    further = use_case(decide, c1, more_keys=lambda _, __: [c2, c1])
    await unit_of_work.attempt([ask(further, object()), add("c3"), ask(further, object())])
    assert rounds == [{c1, c3}, {c2}]


async def test_a_group_costs_a_fixed_number_of_statements_whatever_its_size(
    store: Store, unit_of_work: UnitOfWork
):
    async def statements() -> int:
        status: Any = await store.database.command("serverStatus")
        commands = status["metrics"]["commands"]
        names = ("find", "getMore", "update", "insert", "commitTransaction")
        return sum(int(commands[name]["total"]) for name in names)

    costs = []
    for size in (2, 200):
        before = await statements()
        await unit_of_work.attempt([add(f"c{n}", id=f"{size}/{n}") for n in range(size)])
        costs.append(await statements() - before)
    assert costs[1] - costs[0] <= 4  # a cursor's next pages


# -- reading ---------------------------------------------------------------------------------------


async def test_documents_are_found_by_a_field_as_last_committed(
    store: Store, unit_of_work: UnitOfWork
):
    await store.collection("counters_seen").insert_many(
        [{"_id": id, "owner": owner} for id, owner in (("b", "x"), ("a", "x"), ("c", "y"))]
    )
    assert [each.id for each in await unit_of_work.find(Seen, "owner", "x")] == ["a", "b"]
    assert await unit_of_work.find(Seen, "owner", "z") == []


# -- versions -------------------------------------------------------------------------------------


async def test_the_version_moves_at_every_write_and_the_number_at_every_event(
    store: Store, unit_of_work: UnitOfWork
):
    key = Counter.key_of("c1")
    await unit_of_work.attempt([add("c1", 120)])
    silent = use_case(
        lambda _, state: Decision((state.get(key).changed(total=1),)),  # type: ignore[union-attr]
        key,
    )
    await unit_of_work.attempt([ask(silent, object()), ask(silent, object())])
    stored = await row(store, "counters", "c1")
    assert (stored["version"], stored["seq"], stored["total"]) == (2, 2, 1)


async def test_a_document_only_read_has_its_version_moved_and_nothing_else(
    store: Store, unit_of_work: UnitOfWork
):
    await unit_of_work.attempt([add("c1", 5)])
    before = await row(store, "counters", "c1")
    reader = use_case(lambda _, __: Decision(), Counter.key_of("c1"), Counter.key_of("none"))
    await unit_of_work.attempt([ask(reader, object())])
    after = await row(store, "counters", "c1")
    assert after == {**before, "version": before["version"] + 1}
    assert await count(store, "counters") == 1


# -- no write skew --------------------------------------------------------------------------------


class NobodyLeft(Refusal):
    """One of the two must stay above zero."""

    code: ClassVar[str] = "personne"
    sentence: ClassVar[str] = "Il faut que l’un des deux reste."


def leave(mine: str, other: str) -> Work:
    """Bring one counter to zero, if the other one is not."""

    def decide(_: Any, state: State) -> Decision:
        if not state.get(Counter.key_of(other)).total:  # type: ignore[union-attr]
            raise NobodyLeft
        return Decision((state.get(Counter.key_of(mine)).changed(total=0),))  # type: ignore[union-attr]

    return ask(use_case(decide, Counter.key_of(mine), Counter.key_of(other)), object())


async def test_two_decisions_that_each_read_what_the_other_writes_do_not_both_go_through(
    store: Store, unit_of_work: UnitOfWork, monkeypatch: pytest.MonkeyPatch
):
    await unit_of_work.attempt([add("c1"), add("c2")])
    both_loaded_before_either_writes(monkeypatch)
    other = UnitOfWork(store, HOUSE, DEADLINE_S)
    works = [leave("c1", "c2"), leave("c2", "c1")]
    outcomes: Any = await asyncio.gather(
        unit_of_work.attempt(works[:1]), other.attempt(works[1:]), return_exceptions=True
    )
    (lost,) = [n for n, each in enumerate(outcomes) if isinstance(each, BaseException)]
    assert FAULTS.is_conflict(outcomes[lost])
    assert FAULTS.is_transient(outcomes[lost])
    (outcome,) = (await other.attempt([works[lost]])).outcomes
    assert outcome.refusal is not None
    assert outcome.refusal["code"] == "personne"


async def test_copies_of_foreign_facts_may_be_read_by_two_at_once(
    store: Store, unit_of_work: UnitOfWork, monkeypatch: pytest.MonkeyPatch
):
    await store.collection("counters_seen").insert_one({"_id": "s1", "seq": 4, "total": 9})
    both_loaded_before_either_writes(monkeypatch)

    def reading(id: str) -> Work:
        seen, counter = Seen.key_of("s1"), Counter.key_of(id)

        def decide(_: Any, state: State) -> Decision:
            assert state.get(seen) is not None
            return Decision((Counter(id=id),))

        return ask(use_case(decide, seen, counter), object())

    other = UnitOfWork(store, HOUSE, DEADLINE_S)
    await asyncio.gather(unit_of_work.attempt([reading("c1")]), other.attempt([reading("c2")]))
    assert await row(store, "counters_seen", "s1") == {"_id": "s1", "seq": 4, "total": 9}


# -- faults of the store --------------------------------------------------------------------------


async def test_a_document_locked_by_another_session_is_the_stores_fault(
    store: Store, unit_of_work: UnitOfWork
):
    await unit_of_work.attempt([add("c1")])
    with store.transaction(DEADLINE_S) as exchange:
        exchange.write("counters", [UpdateOne({"_id": "c1"}, {"$set": {"total": 50}})])
        with pytest.raises(StoreError) as caught:
            await unit_of_work.attempt([add("c1", 5)])
    assert FAULTS.is_transient(caught.value)
    assert FAULTS.is_conflict(caught.value)
    await unit_of_work.attempt([add("c1", 5)])
    assert await total(store) == 55


async def test_a_taken_natural_key_is_the_messages_fault(store: Store, unit_of_work: UnitOfWork):
    await unit_of_work.attempt([add("c1")])
    anew = Counter(id="c1")
    blind = use_case(lambda _, __: Decision((anew,)))
    with pytest.raises(StoreError) as caught:
        await unit_of_work.attempt([ask(blind, object())])
    assert not FAULTS.is_transient(caught.value)


async def test_a_store_that_hangs_is_given_up_at_the_deadline(servers: Servers, database_name: str):
    if servers.mongod is None:
        pytest.skip("the mongod is not ours to stop")
    servers.mongod.limit_transactions(1)  # what the attempt leaves behind ends soon
    store = Store(servers.mongo, database_name, service="hanging")
    unit_of_work = UnitOfWork(store, HOUSE, 0.5)
    await unit_of_work.load(Counter.key_of("c1"))
    os.kill(servers.mongod.process.pid, signal.SIGSTOP)
    try:
        async with asyncio.timeout(DEADLINE_S):
            with pytest.raises(StoreError) as caught:
                await unit_of_work.attempt([add("c1")])
    finally:
        os.kill(servers.mongod.process.pid, signal.SIGCONT)
        await store.client.drop_database(database_name)
        store.close()
    assert FAULTS.is_transient(caught.value)


# -- time -----------------------------------------------------------------------------------------


async def test_rows_are_stamped_by_mongod_whatever_the_clock_says(
    store: Store, unit_of_work: UnitOfWork
):
    later = NOW + timedelta(days=210)
    moved: Callable[..., Decision] = lambda _, __: Decision(  # noqa: E731
        (Counter(id="c1"),), (Told(Counter(id="c1"), CounterMoved(counter_id="c1", total=0)),)
    )
    await unit_of_work.attempt([ask(use_case(moved, Counter.key_of("c1")), object(), now=later)])
    (kept,) = await outbox.left_behind(store, -60_000)
    assert kept.headers["ce_time"].startswith("2026-09-28")
    assert await outbox.left_behind(store, 5_000) == []
    _, age_s = await outbox.backlog(store)
    assert age_s < 5
