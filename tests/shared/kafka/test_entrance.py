"""The way in by itself: slices, patience, repeats, copies, the limit of dead letters."""

import asyncio
import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from shared.errors import Unavailable
from shared.kafka import door as module
from shared.kafka.door import SLICE, Door, Entrance, ProjectionDoor
from shared.kafka.intakes import Projected
from shared.kafka.limit import DeadLetterLimit
from shared.path.committer import Ticket
from shared.path.group import inbox_id_of
from shared.path.work import Origin, Outcome, Park, Repeat, Work
from tests.harness.polling import eventually
from tests.shared.asking import add, ask, origin_at
from tests.shared.kafka.record import RawRecord
from tests.shared.tiny import (
    ADD,
    AddToCounter,
    CounterMoved,
)

DEADLINE_S = 20


class Faults:
    """Only `Unavailable` is the store's fault."""

    def is_transient(self, error: BaseException) -> bool:
        return isinstance(error, Unavailable)

    def is_conflict(self, _: BaseException) -> bool:
        return False

    def is_for_fewer(self, _: BaseException) -> bool:
        return False


class Passed:
    """A committer that does at once what it is asked, or never."""

    def __init__(self, *, answers: bool = True) -> None:
        self.works: list[Work] = []
        self.tickets: list[Ticket] = []
        self.asked_for_room: list[int] = []
        self._answers = answers

    async def wait_for_room(self) -> None:
        self.asked_for_room.append(len(self.works))

    def submit(self, work: Work) -> Ticket:
        loop = asyncio.get_running_loop()
        ticket = Ticket(work, loop.create_future(), published=loop.create_future())
        self.works.append(work)
        self.tickets.append(ticket)
        if self._answers:
            ticket.committed.set_result(Outcome("dead" if isinstance(work, Park) else "done"))
            assert ticket.published is not None
            ticket.published.set_result(None)
        return ticket


class Remembering:
    """What a committer took is known."""

    def __init__(self, committer: Any) -> None:
        self._committer = committer

    async def load(self, _: Any) -> None:
        return None

    async def find(self, *_: Any) -> list[Any]:
        return []

    async def known_of(self, inbox_ids: Iterable[str]) -> set[str]:
        return {inbox_id_of(work) for work in self._committer.works} & set(inbox_ids)


def entrance(committer: Any, limit: DeadLetterLimit | None = None) -> Entrance:
    limit = limit or DeadLetterLimit(100, lambda: None)
    return Entrance(committer, Remembering(committer), Faults(), limit)


class Stumbling:
    """An intake with a bug."""

    def examine(self, record: Any, *, replayed: bool = False) -> Work:
        if record.offset == 1:
            raise TypeError(f"a bug of ours, {replayed=}")
        return add("c1", id=f"m{record.offset}")

    def origin_of(self, record: Any) -> Origin:
        return origin_at(record.offset)


async def test_a_record_that_our_own_code_stumbles_on_is_parked_like_another():
    committer = Passed()
    door = Door(Stumbling(), entrance(committer))
    await door([RawRecord(offset=n) for n in range(3)])
    assert [getattr(work, "reason", "asked") for work in committer.works] == [
        "asked",
        "bug",
        "asked",
    ]
    await door.replay(RawRecord(offset=1))
    assert isinstance(committer.works[-1], Park)


async def test_a_poll_that_waits_too_long_is_given_back(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "PATIENCE_S", 0.05)
    committer = Passed(answers=False)
    with pytest.raises(Unavailable):
        await entrance(committer).pass_through([add("c1"), add("c2")])
    assert all(ticket.withdrawn for ticket in committer.tickets)


async def test_a_poll_waits_until_what_it_told_is_published(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "PATIENCE_S", 0.05)
    committer = Passed(answers=False)
    waiting = asyncio.create_task(entrance(committer).pass_through([add("c1")]))
    await eventually(lambda: committer.tickets, 5, "submitted")
    (ticket,) = committer.tickets
    ticket.committed.set_result(Outcome("done"))
    with pytest.raises(Unavailable):
        await waiting
    assert ticket.published is not None
    assert not ticket.published.cancelled()  # others may wait for it too


async def test_a_poll_is_handed_over_by_slices_as_room_is_made():
    committer = Passed()
    await entrance(committer).pass_through(add("c1", id=f"m{n}") for n in range(2 * SLICE + 1))
    assert committer.asked_for_room == [0, SLICE, 2 * SLICE]


class GivingBack(Passed):
    """Gives the first message back while the second slice waits for room."""

    async def wait_for_room(self) -> None:
        if self.tickets:
            self.tickets[0].fail(Unavailable())


async def test_a_poll_of_which_a_message_is_given_back_is_handed_over_no_further():
    """It is read again: what was sent after that message must not be decided before it."""
    committer = GivingBack(answers=False)
    with pytest.raises(Unavailable):
        await entrance(committer).pass_through(add("c1", id=f"m{n}") for n in range(3 * SLICE))
    assert len(committer.tickets) == SLICE
    assert all(ticket.withdrawn for ticket in committer.tickets)


async def test_a_poll_too_slow_for_its_patience_gets_further_at_each_reading(
    monkeypatch: pytest.MonkeyPatch,
):
    """The slow part of what was committed is not done again."""
    monkeypatch.setattr(module, "PATIENCE_S", 0.3)
    monkeypatch.setattr(module, "SLICE", 5)
    prepared: list[str] = []

    async def slow(request: Any, _: Any) -> None:
        prepared.append(request.id)
        await asyncio.sleep(0.05)

    asked = dataclasses.replace(ADD, prepare=slow)
    works = [ask(asked, AddToCounter(counter_id="c1", amount=1), id=f"m{n}") for n in range(40)]
    committer = Passed()

    async def passed() -> bool:
        try:
            await entrance(committer).pass_through(works)
        except Unavailable:
            return False
        return True

    await eventually(passed, DEADLINE_S, "all of it through")
    assert {inbox_id_of(work) for work in committer.works} == {f"m{n}" for n in range(40)}
    assert any(isinstance(work, Repeat) for work in committer.works)
    assert len(prepared) < 3 * len(works)


async def test_a_preparation_waits_for_its_dependency(monkeypatch: pytest.MonkeyPatch):
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    fails: list[Exception] = [Unavailable(), Unavailable()]

    async def prepare_all(works: Sequence[Work], *_: Any) -> Sequence[Work]:
        if fails:
            raise fails.pop()
        return works

    monkeypatch.setattr(module, "prepare_all", prepare_all)
    monkeypatch.setattr(asyncio, "sleep", sleep)
    committer = Passed()
    await entrance(committer).pass_through([add("c1")])
    assert [pause for pause in pauses if pause] == [1.0, 1.0]
    assert len(committer.works) == 1


class Copy:
    """A projection that fails as told, and notes what it was given."""

    def __init__(self, fails: list[Exception]) -> None:
        self.fails = fails
        self.given: list[list[int]] = []

    async def __call__(self, facts: Sequence[tuple[Any, int]]) -> None:
        self.given.append([sequence for _, sequence in facts])
        if self.fails:
            raise self.fails.pop()


class Facts:
    """An intake of a projection."""

    def examine(self, record: Any) -> Projected:
        fact = CounterMoved(counter_id="c1", total=0)
        return Projected(fact, record.offset, lambda: origin_at(record.offset))

    def origin_of(self, record: Any) -> Origin:
        return origin_at(record.offset)


async def test_a_copy_waits_for_its_store_and_gives_the_poll_back_at_last(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(module, "backoff_s", lambda _: 0.01)
    monkeypatch.setattr(module, "PATIENCE_S", 0.5)
    intake: Any = Facts()
    patient = Copy([Unavailable()] * 3)
    records: list[Any] = [RawRecord(offset=n) for n in (1, 2)]
    committer = Passed()
    await ProjectionDoor(intake, entrance(committer), patient, Faults())(records)
    assert patient.given == [[1, 2]] * 4
    hopeless = Copy([Unavailable()] * 1_000)
    with pytest.raises(Unavailable):
        await ProjectionDoor(intake, entrance(committer), hopeless, Faults())(records)
    assert 4 < len(hopeless.given) < 1_000
    assert committer.works == []


async def test_dead_letters_are_counted_and_stop_the_service_at_the_limit():
    stopped: list[bool] = []
    limit = DeadLetterLimit(3, lambda: stopped.append(True))
    door = entrance(Passed(), limit)
    await door.pass_through([Park(origin_at(1), "x"), add("c1"), Park(origin_at(2), "x")])
    assert not stopped
    await door.pass_through([Park(origin_at(3), "x")])
    assert stopped == [True]
