"""The schedule of a service: what is due becomes commands, each published with the same id.

Two schedulers, or one started anew, publish a command twice at most; its id depends on the rule,
the subject and the due date only, so that the second one finds its answer in the inbox.
"""

import asyncio
import signal
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import structlog

from shared.backoff import backoff_s
from shared.clock import Clock
from shared.contracts.topics import commands_topic
from shared.errors import Bug
from shared.ids import derive_id
from shared.kafka.intakes import OWN
from shared.kafka.producer import Producer
from shared.kafka.records import TOKEN
from shared.mongo.client import Store, StoreError
from shared.operations.endings import DONE, Failed, Misused, told
from shared.operations.opening import current_clock, opened_producer, opened_store
from shared.path.rows import cloud_event, moment, source_of
from shared.path.work import Row
from shared.security.macs import Macs
from shared.service import Due, Service

log = structlog.get_logger(__name__)

WhatIsDue = Callable[[Store, datetime], AsyncIterator[Due]]

EVERY_S = 1.0
"""Time between two looks at what is due (assumed)."""
ROUND_ROWS = 500
"""Commands of one round of sends (assumed): one group of the service."""
REMEMBERED_S = 300.0
"""How long a published command that is still due is not published again (assumed)."""
REMEMBERED = 50_000
"""Commands published and not yet handled, at most (assumed): more wait for their turn."""


@told
async def schedule(service: Service, *, once: bool) -> int:
    """Publish what is due, every second until SIGTERM, or once.

    Raises: Failed (once only) when the store stays away or Kafka does not take everything.
    """
    if service.due is None:
        raise Misused(f"Le service « {service.name} » n’a rien à programmer.")
    work = _once(service, service.due) if once else _for_ever(service, service.due)
    return await _until_stopped(work)


async def _once(service: Service, due: WhatIsDue) -> None:
    async with opened_store(service) as store, opened_producer(service, "schedule") as producer:
        scheduler = Scheduler(service, due, store, producer)
        whole = await scheduler.publish_due()
        print(f"Commandes publiées : {scheduler.published}")
        if not whole:
            raise Failed("Kafka n’a pas tout pris : relancez la commande.")


async def _for_ever(service: Service, due: WhatIsDue) -> None:
    async with (
        opened_store(service, wait_s=None) as store,
        opened_producer(service, "schedule") as producer,
    ):
        log.info("started")
        await Scheduler(service, due, store, producer).run()


async def _until_stopped(work: Coroutine[Any, Any, None]) -> int:
    """Run to the end or to SIGTERM; stopping in the middle leaves nothing half done."""
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(work)
    stopped = False

    def stop() -> None:
        nonlocal stopped
        stopped = True
        task.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    try:
        await task
    except asyncio.CancelledError:
        if not stopped:
            raise
        log.info("stopped")
    return DONE


class Scheduler:
    """Publishes what is due; `published` counts the commands that the broker acknowledged."""

    def __init__(self, service: Service, due: WhatIsDue, store: Store, producer: Producer) -> None:
        self._service = service
        self._due = due
        self._store = store
        self._producer = producer
        self._clock = Clock.shifted(service.settings.clock_offset_s)
        self._macs = Macs(service.settings.hmac_key.get_secret_value())
        self._recent: OrderedDict[str, float] = OrderedDict()
        self.published = 0

    async def run(self) -> None:
        """Publish what is due until cancelled; while a dependency is away, wait."""
        failures = 0
        while True:
            try:
                whole = await self.publish_due()
            except StoreError as error:
                log.warning("schedule_waits", error=type(error).__name__, attempt=failures + 1)
                whole = False
            failures = 0 if whole else failures + 1
            await asyncio.sleep(max(EVERY_S, backoff_s(failures)) if failures else EVERY_S)

    async def publish_due(self) -> bool:
        """One look at what is due; returns whether the broker took all of it."""
        await current_clock(self._service, self._store, self._clock)
        self._forget_old()
        rows: dict[str, Row] = {}
        due_again: set[str] = set()
        async for due in self._due(self._store, self._clock.now()):
            id = scheduled_id(due)
            if id in self._recent:
                due_again.add(id)
            elif id not in rows and len(self._recent) + len(rows) < REMEMBERED:
                rows[id] = self._row(id, due)
            if len(rows) == ROUND_ROWS:
                due_again.update(rows)
                if not await self._publish(list(rows.values())):
                    return False
                rows = {}
        whole = await self._publish(list(rows.values()))
        self._forget_handled(due_again.union(rows))
        return whole

    async def _publish(self, rows: list[Row]) -> bool:
        if not rows:
            return True
        acknowledged = await self._producer.publish(rows)
        now = time.monotonic()
        self._recent.update((row.id, now) for row in rows if row.id in acknowledged)
        self.published += len(acknowledged)
        log.info("scheduled", commands=len(acknowledged), of=len(rows))
        return len(acknowledged) == len(rows)

    def _row(self, id: str, due: Due) -> Row:
        """A command on its way out, asked by the service of itself."""
        command, name = due.command, self._service.name
        if commands_topic(name) != command.TOPIC:
            raise Bug("schedule_of_another_service")
        headers = cloud_event(
            id=id,
            type=command.TYPE,
            source=source_of(name),
            subject=command.key,
            at=_due_date(due),
            correlation_id=id,
            cause=None,
        )
        body = command.to_json()
        headers[TOKEN] = OWN + self._macs.prove_own(id, command.TYPE, body)
        return Row(id, f"scheduled/{id}", 0, command.TOPIC, command.key, headers, body)

    def _forget_old(self) -> None:
        """What is still due long after it was published is published again."""
        limit = time.monotonic() - REMEMBERED_S
        while self._recent and next(iter(self._recent.values())) < limit:
            self._recent.popitem(last=False)

    def _forget_handled(self, still_due: set[str]) -> None:
        for id in self._recent.keys() - still_due:
            del self._recent[id]


def scheduled_id(due: Due) -> str:
    """The id of a scheduled command: the same from every scheduler, at every start."""
    return derive_id("scheduled", due.rule, due.subject, _due_date(due))


def _due_date(due: Due) -> str:
    return moment(due.due_at.astimezone(UTC))
