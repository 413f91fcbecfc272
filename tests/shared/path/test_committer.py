"""The one committer of a process, against a store that fails on demand."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from shared.errors import Bug, InvalidMessage, Unavailable
from shared.path import committer as module
from shared.path.committer import Committer
from shared.path.group import inbox_id_of
from shared.path.pace import MOST
from shared.path.work import Outcome, Park, Row, Work
from tests.harness.polling import eventually
from tests.shared.asking import add, origin_at

DEADLINE_S = 5


class Away(Exception):
    """The store is away."""


class Conflict(Exception):
    """Another writer was faster."""


class Faults:
    """What the two errors above mean."""

    def is_transient(self, error: BaseException) -> bool:
        return isinstance(error, Away | Conflict)

    def is_conflict(self, error: BaseException) -> bool:
        return isinstance(error, Conflict)

    def is_for_fewer(self, error: BaseException) -> bool:
        return self.is_conflict(error)


@dataclass
class Committed:
    """What one transaction did."""

    outcomes: list[Outcome]
    rows: list[Row]


@dataclass
class Store:
    """Takes every group but those it is told to fail; remembers what was tried and done."""

    fails: Callable[[int, list[str]], Exception | None] = lambda _, __: None
    tried: list[list[str]] = field(default_factory=list)
    done: list[list[str]] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    open: bool = True

    async def attempt(self, works: Sequence[Work]) -> Committed:
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        try:
            ids = [inbox_id_of(work) for work in works]
            self.tried.append(ids)
            if not self.open:
                await self.gate.wait()
            error = self.fails(len(self.tried), ids)
            if error is not None:
                raise error
            self.done.append(ids)
        finally:
            self.at_once -= 1
        dead = [isinstance(work, Park) for work in works]
        return Committed([Outcome("dead" if each else "done") for each in dead], [])

    async def load(self, _: Any) -> None:
        return None

    async def find(self, *_: Any) -> list[Any]:
        return []


class Publishing:
    """Publishes at once."""

    def add(self, _: Sequence[Row]) -> asyncio.Future[None]:
        published: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        published.set_result(None)
        return published


@asynccontextmanager
async def running(store: Store) -> AsyncIterator[Committer]:
    """A committer that runs."""
    committer = Committer(store, Publishing(), Faults())
    task = asyncio.create_task(committer.run())
    try:
        yield committer
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.wait({task})


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Retries do not wait; how often in a row each had failed is noted."""
    noted: list[int] = []

    def backoff_s(attempt: int) -> float:
        noted.append(attempt)
        return 0.0

    monkeypatch.setattr(module, "backoff_s", backoff_s)
    monkeypatch.setattr(module, "CONFLICT_PAUSE_S", 0.0)
    return noted


async def settled(committer: Committer, works: Sequence[Work]) -> list[Any]:
    """What became of each message, its error included."""
    tickets = [committer.submit(work) for work in works]
    waits = (asyncio.wait_for(ticket.committed, DEADLINE_S) for ticket in tickets)
    return await asyncio.gather(*waits, return_exceptions=True)


def works(count: int, **more: Any) -> list[Work]:
    return [add("c1", id=f"m{n}", **more) for n in range(count)]


def poisoned(*bad: str) -> Callable[[int, list[str]], Exception | None]:
    """Fails every group that holds one of these messages."""
    return lambda _, ids: ValueError("of the message") if set(bad) & set(ids) else None


async def test_what_waits_goes_through_as_one_group_in_its_order():
    store = Store()
    async with running(store) as committer:
        outcomes = await settled(committer, works(20))
    assert store.done == [[f"m{n}" for n in range(20)]]
    assert {outcome.status for outcome in outcomes} == {"done"}


async def test_no_two_transactions_of_a_process_compete():
    store = Store(open=False)
    async with running(store) as committer:
        first = committer.submit(add("c1", id="m0"))
        await eventually(lambda: store.tried, DEADLINE_S, "first group under way")
        second = committer.submit(add("c2", id="later"))
        assert committer.busy
        store.gate.set()
        await asyncio.wait_for(asyncio.gather(first.committed, second.committed), DEADLINE_S)
    assert store.done == [["m0"], ["later"]]
    assert store.most_at_once == 1


async def test_a_group_takes_at_most_500():
    store = Store()
    async with running(store) as committer:
        await settled(committer, works(501))
    assert [len(ids) for ids in store.done] == [500, 1]


async def test_who_brings_much_waits_while_a_group_is_queued():
    store = Store(open=False)
    async with running(store) as committer:
        for work in works(2 * MOST):
            committer.submit(work)
        waiting = asyncio.create_task(committer.wait_for_room())
        await eventually(lambda: store.tried, DEADLINE_S, "a group taken")
        assert not waiting.done()
        store.gate.set()
        await asyncio.wait_for(waiting, DEADLINE_S)
        assert len(store.tried) == 2


async def test_a_store_that_is_away_is_tried_again_whole_with_back_off(pauses: list[int]):
    store = Store(fails=lambda tries, _: Away() if tries <= 4 else None)
    async with running(store) as committer:
        await settled(committer, works(8))
    assert [len(ids) for ids in store.tried] == [8] * 5
    assert pauses == [1, 2, 3, 4]


async def test_the_culprit_alone_goes_to_the_dead_letters_and_the_others_go_through():
    store = Store(fails=poisoned("m3"))
    async with running(store) as committer:
        messages = [add("c1", id=f"m{n}", origin=origin_at(n)) for n in range(8)]
        outcomes = await settled(committer, messages)
    assert [outcome.status for outcome in outcomes] == ["done"] * 3 + ["dead"] + ["done"] * 4
    through = [id for ids in store.done for id in ids]
    assert through == ["m0", "m1", "m2", "dl/mcp.tiny.commands/0/3", "m4", "m5", "m6", "m7"]


async def test_a_fault_is_tried_once_more_alone_before_it_is_given_up():
    store = Store(fails=poisoned("m0"))
    async with running(store) as committer:
        await settled(committer, [add("c1", id="m0", origin=origin_at(0))])
    assert store.tried == [["m0"], ["m0"], ["dl/mcp.tiny.commands/0/0"]]


async def test_a_broken_contract_is_not_tried_twice():
    store = Store(fails=lambda _, ids: InvalidMessage("odd") if ids == ["m0"] else None)
    async with running(store) as committer:
        await settled(committer, [add("c1", id="m0", origin=origin_at(0))])
    assert store.tried == [["m0"], ["dl/mcp.tiny.commands/0/0"]]


async def test_a_request_that_came_in_no_record_gets_its_own_error():
    store = Store(fails=lambda _, ids: Bug("event_too_large") if "m1" in ids else None)
    async with running(store) as committer:
        outcomes = await settled(committer, works(3))
    assert [type(outcome) for outcome in outcomes] == [Outcome, Bug, Outcome]


async def test_a_group_that_lost_a_document_goes_on_with_fewer_and_the_next_ones_too():
    store = Store(fails=lambda tries, _: Conflict() if tries == 1 else None)
    async with running(store) as committer:
        await settled(committer, works(8))
        assert [len(ids) for ids in store.tried] == [8, 4, 4]
        assert [id for ids in store.done for id in ids] == [f"m{n}" for n in range(8)]
        await settled(committer, works(40))
    assert len(store.tried[3]) < 40
    assert sum(len(ids) for ids in store.done) == 48


async def test_a_single_message_that_lost_a_document_is_tried_until_it_has_it():
    store = Store(fails=lambda tries, _: Conflict() if tries <= 15 else None)
    async with running(store) as committer:
        (outcome,) = await settled(committer, works(1, origin=origin_at(0)))
    assert outcome.status == "done"
    assert store.tried == [["m0"]] * 16


async def test_nobody_waits_any_more_then_nothing_is_done():
    store = Store(open=False)
    async with running(store) as committer:
        busy = committer.submit(add("c1", id="busy"))
        given_up, kept = committer.submit(add("c1", id="a")), committer.submit(add("c1", id="b"))
        given_up.withdrawn = True
        store.gate.set()
        await asyncio.wait_for(asyncio.gather(busy.committed, kept.committed), DEADLINE_S)
    assert [id for ids in store.done for id in ids] == ["busy", "b"]


async def test_a_message_given_up_while_the_store_is_away_frees_the_committer():
    away = True
    store = Store(fails=lambda _, __: Away() if away else None)
    async with running(store) as committer:
        ticket = committer.submit(add("c1", id="m0"))
        await eventually(lambda: len(store.tried) > 2, DEADLINE_S, "some tries")
        ticket.withdrawn = True
        away = False
        (outcome,) = await settled(committer, [add("c1", id="m1")])
    assert outcome.status == "done"
    assert store.done == [["m1"]]


async def test_a_dead_letter_that_cannot_be_written_is_not_the_records_fault():
    store = Store(fails=lambda _, __: ValueError())
    async with running(store) as committer:
        (outcome,) = await settled(committer, [Park(origin_at(0), "json_invalid")])
        assert isinstance(outcome, Unavailable)
        store.fails = lambda _, __: None
        (outcome,) = await settled(committer, [Park(origin_at(0), "json_invalid")])
    assert outcome.status == "dead"


@pytest.mark.parametrize("work", [Park(origin_at(0), "x"), add("c1", origin=origin_at(0))])
async def test_a_wait_cancelled_at_the_last_moment_does_not_end_the_committer(work: Work):
    store = Store(open=False, fails=lambda _, __: ValueError())
    async with running(store) as committer:
        ticket = committer.submit(work)
        await eventually(lambda: store.tried, DEADLINE_S, "under way")
        ticket.committed.cancel()  # as when the poll's patience ends: withdrawn a moment later
        store.gate.set()
        await eventually(lambda: not committer.busy, DEADLINE_S, "given up")
        store.fails = lambda _, __: None
        (outcome,) = await settled(committer, [add("c1", id="next")])
    assert outcome.status == "done"
