"""The one drain of a process: publishes what commits bring and what was left behind.

Rows go out in the order they came; a row already queued is not queued again. A failure holds its
aggregate back and nobody else's.
"""

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Sequence

import structlog

from shared.backoff import backoff_s
from shared.kafka.producer import Producer
from shared.mongo import outbox
from shared.mongo.client import Store, StoreError
from shared.observability import metrics
from shared.path.work import Row

log = structlog.get_logger(__name__)

ROUND_ROWS = 2_000
"""Rows of one round of sends (assumed)."""
RECENT_ROWS = 5_000
"""Rows remembered once deleted: a commit under way may have read them before (assumed)."""
MOST_QUEUED = 10_000
"""Rows queued above which the sweeper adds none: an outage must not fill the memory (ADR-0002)."""
LONGEST_PAUSE_S = 2.0
"""Longest pause between rounds while the broker is away (assumed): what waits goes out, and the
service is well again, soon after its return."""
SWEEP_S = 1.0
"""How often the sweeper looks (assumed)."""
LEFT_BEHIND_MS = 2_000
"""Age at which a row counts as left behind by whoever wrote it (ADR-0002)."""


class _Batch:
    """Rows that somebody waits for."""

    def __init__(self, done: asyncio.Future[None], left: int) -> None:
        self.done = done
        self.left = left

    def row_gone(self) -> None:
        self.left -= 1
        if self.left == 0 and not self.done.done():
            self.done.set_result(None)


class Drain:
    """Publishes rows and forgets them once acknowledged."""

    def __init__(self, store: Store, producer: Producer) -> None:
        self._store = store
        self._producer = producer
        self._queue: dict[str, Row] = {}
        self._waiting: defaultdict[str, list[_Batch]] = defaultdict(list)
        self._acknowledged: set[str] = set()
        self._gone: list[str] = []
        self._deleting: list[str] = []
        self._recent: deque[str] = deque()
        self._held: dict[str, float] = {}
        self._failures: defaultdict[str, int] = defaultdict(int)
        self._paused_until = 0.0
        self._cuts = 0
        self._wake = asyncio.Event()
        self._swept = ""

    @property
    def size(self) -> int:
        """Rows queued in this process."""
        return len(self._queue)

    @property
    def busy(self) -> bool:
        """Whether a row is to be published, or to be deleted because it was."""
        return bool(self._queue or self._gone or self._deleting)

    def add(self, rows: Sequence[Row]) -> asyncio.Future[None]:
        """Queue rows behind those already there; done when all of them were acknowledged."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        awaited = [row for row in rows if row.id not in self._acknowledged]
        if not awaited:
            done.set_result(None)
            return done
        batch = _Batch(done, len(awaited))
        for row in awaited:
            self._waiting[row.id].append(batch)
        self._enqueue(awaited)
        return done

    def _enqueue(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if row.id not in self._acknowledged:
                self._queue.setdefault(row.id, row)
        self._wake.set()

    async def run(self) -> None:
        """Publish until cancelled; what one round published is deleted while the next one goes."""
        while True:
            if not self._sendable():
                await self._delete_gone()
            await self._wait_for_rows()
            await self._round()

    async def sweep(self) -> None:
        """Queue what was left behind, here or by another process, until cancelled."""
        while True:
            await asyncio.sleep(SWEEP_S)
            if self.size > MOST_QUEUED:
                continue
            try:
                self._enqueue(await self._left_behind())
            except StoreError as error:
                log.warning("sweep_failed", error=type(error).__name__)

    async def _left_behind(self) -> list[Row]:
        """The next ones left behind, in turns: a page of them, then the page after."""
        rows = await outbox.left_behind(self._store, LEFT_BEHIND_MS, after=self._swept)
        if not rows and self._swept:
            rows = await outbox.left_behind(self._store, LEFT_BEHIND_MS)
        self._swept = rows[-1].aggregate if rows else ""
        return rows

    async def _wait_for_rows(self) -> None:
        while not self._sendable():
            self._wake.clear()
            timeout = self._until_release()
            try:
                async with asyncio.timeout(timeout):
                    await self._wake.wait()
            except TimeoutError:
                continue

    def _sendable(self) -> list[Row]:
        now = time.monotonic()
        rows: list[Row] = []
        if now < self._paused_until:
            return rows
        for row in self._queue.values():
            if self._held.get(row.aggregate, 0.0) <= now:
                rows.append(row)
                if len(rows) == ROUND_ROWS:
                    break
        return rows

    def _until_release(self) -> float | None:
        if not self._queue:
            return None
        soonest = min(self._held.get(row.aggregate, 0.0) for row in self._queue.values())
        return max(0.0, max(soonest, self._paused_until) - time.monotonic())

    async def _round(self) -> None:
        rows = self._sendable()
        async with asyncio.TaskGroup() as meanwhile:
            meanwhile.create_task(self._delete_gone())
            acknowledged = await self._producer.publish(rows)
            for row in rows:
                if row.id in acknowledged:
                    self._forget(row)
        left = [row for row in rows if row.id not in acknowledged]
        if left:
            metrics.PUBLISH_FAILED.inc()
        if self._producer.away:
            self._pause()
        else:
            self._cuts = 0
            self._hold_back(left)

    def _forget(self, row: Row) -> None:
        del self._queue[row.id]
        self._gone.append(row.id)
        self._held.pop(row.aggregate, None)
        self._failures.pop(row.aggregate, None)
        self._acknowledged.add(row.id)
        metrics.PUBLISHED.inc()
        for batch in self._waiting.pop(row.id, []):
            batch.row_gone()

    def _pause(self) -> None:
        """The broker is away, for every aggregate alike."""
        self._cuts += 1
        self._paused_until = time.monotonic() + min(LONGEST_PAUSE_S, backoff_s(self._cuts))

    def _hold_back(self, rows: Sequence[Row]) -> None:
        """Try them later; those that nobody waits for make room and are swept again in turn."""
        for row in rows:
            if row.id not in self._waiting:
                del self._queue[row.id]
        for aggregate in {row.aggregate for row in rows}:
            self._failures[aggregate] += 1
            self._held[aggregate] = time.monotonic() + backoff_s(self._failures[aggregate])

    async def _delete_gone(self) -> None:
        """Forget acknowledged rows; those that cannot be deleted now are swept and sent again."""
        ids, self._gone = self._gone, []
        if not ids:
            return
        self._deleting = ids
        try:
            await outbox.delete(self._store, ids)
        except StoreError as error:
            log.warning("outbox_not_deleted", error=type(error).__name__, rows=len(ids))
            self._acknowledged.difference_update(ids)
        else:
            self._recent.extend(ids)
            while len(self._recent) > RECENT_ROWS:
                self._acknowledged.discard(self._recent.popleft())
        self._deleting = []
