"""The way out to Kafka: bounded sends, a producer that is replaced when it hangs or turns fatal.

An idempotent producer never expires a batch by itself, and a fatal error leaves its sender dead
for good (F8): every round is bounded here, and what was not acknowledged is sent again by a new
instance, with the same id and bytes.
"""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from shared.contracts.topics import DEAD_LETTER_BYTES
from shared.path.work import Row

log = structlog.get_logger(__name__)

ROUND_S = 15.0
"""Bound of one round of sends, acknowledgements included (ADR-0002)."""
METADATA_S = 2.0
"""How long a round waits for a topic that the broker does not know (assumed)."""
RETIRE_S = 2.0
"""How long a retired producer may take to leave (assumed)."""


class Producer:
    """Publishes rows, in the order given, through one instance per round."""

    def __init__(self, servers: Sequence[str], *, client_id: str, topic_prefix: str) -> None:
        self._servers = list(servers)
        self._client_id = client_id
        self._prefix = topic_prefix
        self._instance: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()
        self.away = False
        """Whether the last round failed as a whole: nothing went out, for want of a broker."""

    async def publish(self, rows: Sequence[Row]) -> set[str]:
        """Send rows and wait for their acknowledgements; returns the ids of those acknowledged.

        Once a row of an aggregate fails, its later rows are not sent: order first. Never raises
        for the broker's sake and never takes much longer than `ROUND_S`.
        """
        sent: dict[str, asyncio.Future[Any]] = {}
        instance: AIOKafkaProducer | None = None
        failed = False
        try:
            async with asyncio.timeout(ROUND_S):
                instance = await self._running()
                await self._send_all(instance, rows, sent)
                if sent:
                    await asyncio.wait(sent.values())
        except (TimeoutError, KafkaError, OSError) as error:
            log.warning("publish_round_failed", error=type(error).__name__, rows=len(rows))
            await self._retire(instance)
            failed = True
        acknowledged = {id for id, future in sent.items() if _succeeded(future)}
        self.away = failed and not acknowledged
        if len(acknowledged) < len(sent):
            await self._retire(instance)
        return acknowledged

    async def _send_all(
        self, instance: AIOKafkaProducer, rows: Sequence[Row], sent: dict[str, asyncio.Future[Any]]
    ) -> None:
        known = await self._known_topics(instance, {row.topic for row in rows})
        held: set[str] = set()
        for row in rows:
            if row.aggregate in held or row.topic not in known:
                held.add(row.aggregate)
                continue
            try:
                sent[row.id] = await instance.send(
                    self._prefix + row.topic,
                    row.value,
                    key=None if row.key is None else row.key.encode(),
                    headers=[(name, value.encode()) for name, value in row.headers.items()],
                )
            except MessageSizeTooLargeError:  # any other error is the instance's: it is replaced
                log.warning("row_not_sendable", row=row.id)
                held.add(row.aggregate)

    async def _known_topics(self, instance: AIOKafkaProducer, topics: Iterable[str]) -> set[str]:
        known = set()
        for topic in topics:
            try:
                async with asyncio.timeout(METADATA_S):
                    await instance.partitions_for(self._prefix + topic)
            except (TimeoutError, KafkaError) as error:
                log.warning("topic_unknown", topic=topic, error=type(error).__name__)
            else:
                known.add(topic)
        return known

    async def _running(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._instance is None:
                self._instance = await self._start()
            return self._instance

    async def _start(self) -> AIOKafkaProducer:
        instance = AIOKafkaProducer(
            bootstrap_servers=self._servers,
            client_id=self._client_id,
            enable_idempotence=True,
            request_timeout_ms=10_000,
            metadata_max_age_ms=60_000,
            max_request_size=DEAD_LETTER_BYTES,
            linger_ms=0,
        )
        try:
            await instance.start()
        except BaseException:
            await _leave(instance)
            raise
        return instance

    async def _retire(self, instance: AIOKafkaProducer | None) -> None:
        """Let an instance go; a round that still holds it sends nothing more through another."""
        if instance is not None and self._instance is instance:
            self._instance = None
            await _leave(instance)

    async def stop(self) -> None:
        """Leave; what was not acknowledged stays in the outbox."""
        await self._retire(self._instance)


def _succeeded(future: asyncio.Future[Any]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None


async def _leave(instance: AIOKafkaProducer) -> None:
    """Stop a producer even if its sender hangs: closing the connections ends what it waits for."""
    try:
        async with asyncio.timeout(RETIRE_S):
            await instance.stop()
    except (TimeoutError, KafkaError, OSError) as error:
        log.warning("producer_abandoned", error=type(error).__name__)
        await instance._sender.close()  # noqa: SLF001 - nothing public ends a hanging sender
        await instance.client.close()
