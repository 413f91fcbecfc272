"""The Kafka door: a poll goes in, in order; its offsets are committed once all of it is out."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Protocol, TypeVar

import structlog

from shared.backoff import backoff_s
from shared.contracts.envelope import Message
from shared.errors import Unavailable
from shared.kafka.broker import Record
from shared.kafka.intakes import REPLAY_OF, Projected, ProjectionIntake
from shared.kafka.limit import DeadLetterLimit
from shared.observability import metrics
from shared.path.committer import Committer, Ticket
from shared.path.ports import Faults, Memory
from shared.path.preparation import prepare_all
from shared.path.work import Ask, Origin, Outcome, Park, Repeat, Work

log = structlog.get_logger(__name__)

E = TypeVar("E")

SLICE = 250
"""Messages of a poll handed over at once: half a group (ADR-0002)."""
PATIENCE_S = 45.0
"""How long a poll waits, once until it is all handed over and once until all of it is out, before
it is read again (ADR-0004): twice that is below `MAX_POLL_MS`, so that waiting never costs the
membership."""


class Intake(Protocol):
    """Tells what a record is."""

    def examine(self, record: Record, *, replayed: bool = False) -> Work | None:
        """The record as work, or None where it is nothing to this service."""

    def origin_of(self, record: Record) -> Origin:
        """The record as a dead letter keeps it."""


def _safely(
    examine: Callable[[Record], E], intake: "Intake | ProjectionIntake", record: Record
) -> E | Park:
    """What a record is; one that our own code stumbles on is parked: it must not stop the rest."""
    try:
        return examine(record)
    except Exception as error:
        log.exception("record_not_examined", error=type(error).__name__)
        return Park(intake.origin_of(record), "bug")


class Entrance:
    """Hands the messages of polls to the committer and waits until all of them are out."""

    def __init__(
        self, committer: Committer, memory: Memory, faults: Faults, limit: DeadLetterLimit
    ) -> None:
        self._committer = committer
        self._memory = memory
        self._faults = faults
        self._limit = limit

    async def pass_through(self, works: Iterable[Work]) -> None:
        """Bring messages to their end: decided, committed, published.

        They are taken a slice at a time: while one is being committed, the next is examined and
        the one before published. No more than a group and a slice wait before the committer: what
        HTTP brings meanwhile is not behind a whole poll.
        Raises `Unavailable` when a dependency stays away too long; the poll is then read again,
        and what was done answers from the inbox.
        """
        tickets: list[Ticket] = []
        try:
            async with asyncio.timeout(PATIENCE_S):
                left = iter(works)
                while some := list(itertools.islice(left, SLICE)):
                    prepared = await self._prepared(some)
                    await self._committer.wait_for_room()
                    if any(ticket.failed for ticket in tickets):
                        break  # to be read again: what follows must not be decided before
                    tickets += [self._committer.submit(work) for work in prepared]
                    await asyncio.sleep(0)  # let the committer begin
            async with asyncio.timeout(PATIENCE_S):
                outcomes = [await ticket.committed for ticket in tickets]
                await self._published(tickets)
        except TimeoutError as error:
            raise Unavailable from error
        finally:
            for ticket in tickets:
                ticket.withdrawn = True
        self._limit.count(outcomes)

    async def _prepared(self, works: Sequence[Work]) -> list[Work]:
        while True:
            try:
                works = await self._told_apart(works)
                return await prepare_all(works, self._memory, self._faults)
            except Exception as error:
                if not self._faults.is_transient(error):
                    raise
                log.warning("preparation_waits", error=type(error).__name__)
                await asyncio.sleep(1.0)

    async def _told_apart(self, works: Sequence[Work]) -> Sequence[Work]:
        """What is known needs no slow part: a poll that takes too long gets further each time."""
        slow = {work.inbox_id for work in works if isinstance(work, Ask) and work.is_slow}
        if not slow:
            return works
        known = await self._memory.known_of(slow)
        return [
            Repeat(work.inbox_id) if isinstance(work, Ask) and work.inbox_id in known else work
            for work in works
        ]

    @staticmethod
    async def _published(tickets: Sequence[Ticket]) -> None:
        for published in {ticket.published for ticket in tickets if ticket.published}:
            await asyncio.shield(published)

    def count(self, outcomes: Sequence[Outcome]) -> None:
        """Let records handled elsewhere count too."""
        self._limit.count(outcomes)


class Door:
    """The handler of one topic's batch subscriber."""

    def __init__(self, intake: Intake, entrance: Entrance) -> None:
        self._intake = intake
        self._entrance = entrance

    async def __call__(self, records: list[Record]) -> None:
        """Handle one poll."""
        metrics.IGNORED.inc(len(await self.handle(records)))

    async def replay(self, record: Record) -> None:
        """Handle a record that an operator put in again."""
        metrics.IGNORED.inc(len(await self.handle([record], replayed=True)))

    async def handle(self, records: list[Record], *, replayed: bool = False) -> set[int]:
        """Handle records; the places among them of those that are nothing to this service."""
        examine = partial(self._intake.examine, replayed=replayed)
        ignored: set[int] = set()
        examined = (_safely(examine, self._intake, record) for record in records)
        await self._entrance.pass_through(_wanted(examined, ignored))
        return ignored


def _wanted(works: Iterable[Work | None], ignored: set[int]) -> Iterator[Work]:
    for place, work in enumerate(works):
        if work is None:
            ignored.add(place)
        else:
            yield work


class ProjectionDoor:
    """The handler of a topic that feeds a projection: bulk writes, dead letters aside."""

    def __init__(
        self,
        intake: ProjectionIntake,
        entrance: Entrance,
        apply: Callable[[Sequence[tuple[Message, int]]], Awaitable[None]],
        faults: Faults,
    ) -> None:
        self._intake = intake
        self._entrance = entrance
        self._apply = apply
        self._faults = faults

    async def replay(self, record: Record) -> None:
        """Handle a record that an operator put in again: its number tells whether it is late."""
        await self([record])

    async def __call__(self, records: list[Record]) -> None:
        """Handle one poll. Raises `Unavailable` when a dependency stays away too long."""
        metrics.IGNORED.inc(len(await self.handle(records)))

    async def handle(self, records: list[Record]) -> set[int]:
        """Handle records; the places among them of those that are nothing to this copy.

        Raises `Unavailable` when a dependency stays away too long.
        """
        examine = self._intake.examine
        examined = [_safely(examine, self._intake, record) for record in records]
        try:
            async with asyncio.timeout(PATIENCE_S):
                parked = [work for work in examined if isinstance(work, Park)]
                if parked:
                    await self._entrance.pass_through(parked)
                await self._project([each for each in examined if isinstance(each, Projected)])
        except TimeoutError as error:
            raise Unavailable from error
        return {place for place, each in enumerate(examined) if each is None}

    async def _project(self, facts: Sequence[Projected]) -> None:
        """Bring the copy up to these facts; one that cannot be copied is found and parked."""
        try:
            await self._write(facts)
        except Exception as error:
            if self._faults.is_transient(error):
                raise
            if len(facts) > 1:
                middle = len(facts) // 2
                await self._project(facts[:middle])
                await self._project(facts[middle:])
                return
            log.exception("projection_failed", error=type(error).__name__)
            await self._entrance.pass_through([Park(facts[0].origin(), "bug")])
        else:
            self._entrance.count([Outcome("done")] * len(facts))

    async def _write(self, facts: Sequence[Projected]) -> None:
        for attempt in itertools.count(1):
            try:
                await self._apply([(each.fact, each.sequence) for each in facts])
            except Exception as error:
                if not self._faults.is_transient(error):
                    raise
                log.warning("projection_waits", error=type(error).__name__, attempt=attempt)
                await asyncio.sleep(backoff_s(attempt))
            else:
                return


class DoorInTurn:
    """The handler of a topic that a service both copies and reacts to: first the copy, then the
    reactions, which therefore never know less than the fact that they react to.
    """

    def __init__(self, copy: ProjectionDoor, reactions: Door) -> None:
        self._copy = copy
        self._reactions = reactions

    async def __call__(self, records: list[Record]) -> None:
        """Handle one poll. Raises `Unavailable` when a dependency stays away too long."""
        await self._handle(records)

    async def replay(self, record: Record) -> None:
        """Handle a record that an operator put in again."""
        await self._handle([record], replayed=True)

    async def _handle(self, records: list[Record], *, replayed: bool = False) -> None:
        uncopied = await self._copy.handle(records)
        unanswered = await self._reactions.handle(records, replayed=replayed)
        metrics.IGNORED.inc(len(uncopied & unanswered))


AnyDoor = Door | ProjectionDoor | DoorInTurn
LostRecords = Callable[[Record], Awaitable[None]]


class RetryDoor:
    """The handler of the retry topic: each record goes to the door that it first came to."""

    def __init__(self, doors: Mapping[str, AnyDoor], lost: LostRecords) -> None:
        self._doors = doors
        self._lost = lost

    async def __call__(self, records: list[Record]) -> None:
        """Handle one poll, record by record: replays are few and their order matters.

        Raises `Unavailable` when a dependency stays away too long; what was done answers from the
        inbox when the poll is read again.
        """
        try:
            async with asyncio.timeout(PATIENCE_S):
                for record in records:
                    await self._replay(record)
        except TimeoutError as error:
            raise Unavailable from error

    async def _replay(self, record: Record) -> None:
        door = self._doors.get(_first_topic(record))
        if door is None:
            await self._lost(record)
        else:
            await door.replay(record)


def _first_topic(record: Record) -> str:
    for name, value in record.headers:
        if name == REPLAY_OF and value is not None:
            return value.decode(errors="replace").split("/")[0]
    return ""
