"""The one committer of a process: what waits, from both doors, goes through in groups.

No two transactions of a process ever compete. A group that fails because of one message is halved
until the culprit stands alone, one that lost a document to another writer is halved too; anything
else is the store's fault and is tried again, whole. Messages of a group that turned out to be
outdated are prepared again and decided before anything else is.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import uniform

import structlog

from shared.backoff import backoff_s
from shared.errors import Bug, InvalidMessage, Unavailable
from shared.observability import metrics
from shared.path.group import inbox_id_of
from shared.path.pace import MOST, Pace
from shared.path.ports import Attempts, Committed, Faults, Publishing
from shared.path.preparation import a_few_at_once, prepare
from shared.path.work import Ask, Outcome, Park, Work, lane_of

log = structlog.get_logger(__name__)

CONFLICT_PAUSE_S = 0.02
"""Mean pause after a write conflict, jittered (assumed): the other writer is about to be done."""

PREPARED_AGAIN = 5
"""How often a message that is outdated is prepared again before it is given back (assumed): within
this process nothing comes between, so each time another process was faster."""
GIVEN_BACK = 10
"""How often a record is given back before it goes to the dead letters (assumed): others were faster
sixty times by then, or nobody was and it will be outdated for ever, while its partition waits."""


@dataclass(slots=True, eq=False)
class Ticket:
    """One message in the queue.

    `committed` tells its outcome once the transaction is through; `published` is done when all
    that must go out with it was acknowledged; `withdrawn` tells that nobody waits any more.
    `outdated` counts how often it was found to be.
    """

    work: Work
    committed: asyncio.Future[Outcome]
    withdrawn: bool = False
    published: asyncio.Future[None] | None = field(default=None)
    outdated: int = 0

    def fail(self, error: Exception) -> None:
        """Tell whoever waits for it; a poll looks at its first failure only."""
        if not self.committed.done():
            self.committed.set_exception(error)
            self.committed.exception()  # seen, as far as asyncio is concerned

    @property
    def failed(self) -> bool:
        """Whether it ended by an error."""
        done = self.committed.done() and not self.committed.cancelled()
        return done and self.committed.exception() is not None

    @property
    def wanted(self) -> bool:
        """Whether somebody still waits for its outcome."""
        return not self.withdrawn and not self.committed.done()


class Committer:
    """Queue in front of the store; run one per process."""

    def __init__(self, attempts: Attempts, publishing: Publishing, faults: Faults) -> None:
        self._attempts = attempts
        self._publishing = publishing
        self._faults = faults
        self._queue: deque[Ticket] = deque()
        self._wake = asyncio.Event()
        self._taken = asyncio.Event()
        self._pace = Pace()
        self._group: list[Ticket] = []
        self._given_back: Counter[str] = Counter()
        """By inbox id, records that were given back and did not come to an end since."""

    def submit(self, work: Work) -> Ticket:
        """Queue a message behind those already there."""
        ticket = Ticket(work, asyncio.get_running_loop().create_future())
        self._queue.append(ticket)
        self._wake.set()
        return ticket

    async def wait_for_room(self) -> None:
        """Wait until less than a group is queued: what another door brings is then soon decided."""
        while len(self._queue) >= MOST:
            self._taken.clear()
            await self._taken.wait()

    @property
    def busy(self) -> bool:
        """Whether a message is queued or being decided."""
        return bool(self._queue or self._group)

    async def run(self) -> None:
        """Take groups until cancelled."""
        while True:
            while not self._queue:
                self._wake.clear()
                await self._wake.wait()
            size = min(len(self._queue), self._pace.limit)
            self._group = [self._queue.popleft() for _ in range(size)]
            self._taken.set()
            await self._settle(self._group)
            self._group = []

    async def _settle(self, tickets: list[Ticket], *, retried: bool = False) -> None:
        """Bring every ticket of a group to an end, in order."""
        try:
            await self._commit(tickets)
        except Exception as fault:
            if len(tickets) > 1:
                middle = len(tickets) // 2
                await self._settle(tickets[:middle])
                await self._settle(tickets[middle:])
            elif isinstance(fault, InvalidMessage) or retried:
                await self._give_up(tickets[0], fault)
            else:
                await self._settle(tickets, retried=True)

    async def _commit(self, tickets: list[Ticket]) -> None:
        """One group, one transaction, tried until the store lets it through; another for those
        that are outdated, and their lanes, until none is left.

        Raises what is a message's fault; and, of several, what fewer at once may avoid.
        """
        failures = 0
        while tickets := [ticket for ticket in tickets if ticket.wanted]:
            started = time.perf_counter()
            try:
                done = await self._attempts.attempt([ticket.work for ticket in tickets])
            except Exception as error:
                if not self._faults.is_transient(error):
                    raise
                failures += 1
                await self._pause(error, failures, len(tickets))
                if self._faults.is_for_fewer(error) and len(tickets) > 1:
                    raise
            else:
                failures = 0
                outdated = self._succeeded(tickets, done, time.perf_counter() - started)
                if outdated:
                    await self._prepare_again(outdated)

    async def _prepare_again(self, outdated: Sequence[Ticket]) -> None:
        """What was prepared for these is older than what was loaded: once more, on what is there
        now. One that was outdated too often is given back, its lane with it, so that its sender's
        order holds when it is brought again; given back too often it is parked.
        """
        for ticket in outdated:
            ticket.outdated += 1
            if ticket.outdated > PREPARED_AGAIN:
                self._give_back(ticket)
        metrics.OUTDATED.inc(len(outdated))
        times = max(ticket.outdated for ticket in outdated) - 1
        await asyncio.sleep(CONFLICT_PAUSE_S * uniform(0.2, 1.8) * times)
        await a_few_at_once(self._renew, [ticket for ticket in outdated if ticket.wanted])

    async def _renew(self, ticket: Ticket) -> None:
        try:
            ticket.work = await prepare(ticket.work, self._attempts, self._faults)
        except Exception as error:
            if not self._faults.is_transient(error):
                ticket.fail(error)
            # otherwise it is still outdated, and counts as such

    def _give_back(self, ticket: Ticket) -> None:
        work, id, lane = ticket.work, inbox_id_of(ticket.work), lane_of(ticket.work)
        if isinstance(work, Ask) and work.origin is not None:
            self._given_back[id] += 1
            if self._given_back[id] > GIVEN_BACK:
                del self._given_back[id]
                ticket.work = Park(work.origin(), "outdated")
                return
        log.warning("outdated_too_often", message=id)
        ticket.fail(Unavailable())
        for each in (*self._group, *self._queue):
            if lane is not None and lane_of(each.work) == lane:
                each.fail(Unavailable())

    def _succeeded(
        self, tickets: Sequence[Ticket], done: Committed, seconds: float
    ) -> list[Ticket]:
        """Tell each what became of it; returns those that are outdated."""
        self._pace.succeeded(len(tickets), seconds)
        metrics.GROUP_SIZE.observe(len(tickets))
        metrics.GROUP_DURATION.observe(seconds)
        published = self._publishing.add(done.rows)
        outdated = []
        for ticket, outcome in zip(tickets, done.outcomes, strict=True):
            if not outcome.is_final:
                outdated += [ticket] if outcome.status == "outdated" else []
                continue
            metrics.count_outcome(outcome)
            self._given_back.pop(inbox_id_of(ticket.work), None)
            ticket.published = published
            if isinstance(ticket.work, Park) and outcome.first:
                origin = ticket.work.origin
                log.error(
                    "parked",
                    origin=origin.id,
                    reason=ticket.work.reason,
                    correlation=origin.headers.get("ce_correlationid"),
                )
            if not ticket.committed.done():
                ticket.committed.set_result(outcome)
        return outdated

    async def _pause(self, error: Exception, failures: int, size: int) -> None:
        if self._faults.is_for_fewer(error):
            self._pace.conflicted(size)
        if self._faults.is_conflict(error):
            metrics.CONFLICTS.inc()
            await asyncio.sleep(CONFLICT_PAUSE_S * uniform(0.2, 1.8) * min(failures, 10))
            return
        delay = backoff_s(failures)
        log.warning(
            "store_unavailable", error=type(error).__name__, attempt=failures, retry_in_s=delay
        )
        await asyncio.sleep(delay)

    async def _give_up(self, ticket: Ticket, fault: Exception) -> None:
        """The message's own fault: a record goes to the dead letters, a request gets its error."""
        work = ticket.work
        reason = fault.reason if isinstance(fault, InvalidMessage) else "bug"
        log.error(
            "message_failed",
            reason=reason,
            message=inbox_id_of(work),
            correlation=work.request.correlation_id if isinstance(work, Ask) else None,
            error=type(fault).__name__,
            where=str(fault) if isinstance(fault, Bug) else None,
            exc_info=None if isinstance(fault, InvalidMessage) else fault,
        )
        if isinstance(work, Ask) and work.origin is not None:
            ticket.work = Park(work.origin(), reason)
            await self._settle([ticket])
        else:
            # A dead letter that cannot be written is a fault of ours, not of its record: it waits.
            ticket.fail(Unavailable() if isinstance(work, Park) else fault)
