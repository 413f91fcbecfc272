"""The store and the way out that an operator's command uses: waited for, but not for ever."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TypeVar

import structlog

from shared.backoff import backoff_s
from shared.clock import Clock
from shared.kafka.producer import Producer
from shared.mongo import clock_document
from shared.mongo.client import Store, StoreError
from shared.mongo.faults import MongoFaults
from shared.operations.endings import Failed
from shared.path.work import Row
from shared.service import Service

log = structlog.get_logger(__name__)

T = TypeVar("T")

WAIT_S = 30.0
"""How long a command waits for a dependency before it gives up (assumed)."""


@asynccontextmanager
async def opened_store(service: Service, wait_s: float | None = WAIT_S) -> AsyncIterator[Store]:
    """The service's store, once it answers; None waits for as long as it takes.

    Raises: Failed.
    """
    settings = service.settings
    store = Store(
        settings.mongo_uri.get_secret_value(), settings.mongo_database, service=service.name
    )
    try:
        await patiently(store.ping, "La base ne répond pas.", wait_s)
        yield store
    finally:
        store.close()


@asynccontextmanager
async def opened_producer(service: Service, command: str) -> AsyncIterator[Producer]:
    """A way out to Kafka; it connects at the first publishing."""
    settings = service.settings
    producer = Producer(
        settings.servers,
        client_id=f"{service.name}-{command}",
        topic_prefix=settings.topic_prefix,
    )
    try:
        yield producer
    finally:
        await producer.stop()


async def patiently(
    operation: Callable[[], Awaitable[T]], sentence: str, wait_s: float | None = WAIT_S
) -> T:
    """The result of a store operation that may be repeated, tried until the store lets it through.

    Raises: Failed with that sentence when the store stays away longer than `wait_s`.
    """
    faults = MongoFaults()
    started = asyncio.get_running_loop().time()
    failures = 0
    while True:
        try:
            return await operation()
        except StoreError as error:
            if not faults.is_transient(error):
                raise
            failures += 1
            log.warning("waiting_for_store", error=type(error).__name__, attempt=failures)
            if wait_s is not None and asyncio.get_running_loop().time() - started > wait_s:
                raise Failed(sentence) from error
            await asyncio.sleep(min(2.0, backoff_s(failures)))


async def publish_all(producer: Producer, rows: Sequence[Row], wait_s: float = WAIT_S) -> None:
    """Publish rows, all of them, in the order given.

    Raises: Failed when the broker takes none for `wait_s`.
    """
    loop = asyncio.get_running_loop()
    left, failures, last = list(rows), 0, loop.time()
    while left:
        acknowledged = await producer.publish(left)
        left = [row for row in left if row.id not in acknowledged]
        if acknowledged:
            failures, last = 0, loop.time()
        elif loop.time() - last > wait_s:
            raise Failed(f"Kafka ne prend pas ce qui lui est confié (« {left[0].topic} »).")
        if left:
            failures += 1
            await asyncio.sleep(min(2.0, backoff_s(failures)))


async def current_clock(service: Service, store: Store, clock: Clock | None = None) -> Clock:
    """The clock of the service, where its clock document moved it to (never in production)."""
    settings = service.settings
    clock = clock or Clock.shifted(settings.clock_offset_s)
    if settings.environment != "production":
        seconds = await clock_document.read(store)
        if seconds is not None:
            clock.offset = timedelta(seconds=seconds)
    return clock
