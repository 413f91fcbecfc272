"""The one factory of brokers and subscribers: no service makes one otherwise (import-linter looks).

FastStream's defaults lose or leak messages in ways that are each a regression test here
(F1 acknowledges before the work, F3 stops on an odd header, F5 answers to whom the sender names,
F6 logs refused payloads).
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Protocol, cast

from aiokafka import ConsumerRecord
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from fast_depends.pydantic import PydanticSerializer
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaMessage
from faststream.message import StreamMessage

from shared.kafka.consumer import PatientConsumer


class Record(Protocol):
    """A raw record, as the client library gives it."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    timestamp_type: int
    key: bytes | None
    value: bytes | None
    serialized_key_size: int
    serialized_value_size: int
    headers: tuple[tuple[str, bytes | None], ...]


BatchHandler = Callable[[list[Record]], Awaitable[None]]

POLL_RECORDS = 2_000
"""Records of one poll at most: a few groups, of which one is committed while the next is read
(ADR-0002)."""
MAX_POLL_MS = 120_000
"""Longest time between two polls; a poll that waits for a dependency gives up well before."""
SESSION_MS, HEARTBEAT_MS, REBALANCE_MS = 6_000, 2_000, 30_000
"""A killed process is missed after 6 s: back to work within 15 s."""
PAUSE_S = 1.0
"""Pause before a poll that failed is read again (assumed): the framework would do so at once."""
GRACE_S = 8.0
"""How long a stop waits for the poll in hand: a clean stop takes 20 s at most."""
TRACE_HEADER = "traceparent"


def make_broker(
    servers: Sequence[str], *, service: str, middlewares: Sequence[Any] = ()
) -> KafkaBroker:
    """A broker with the settings that keep every message."""
    return _Broker(
        list(servers),
        client_id=service,
        enable_idempotence=True,
        request_timeout_ms=10_000,
        metadata_max_age_ms=60_000,
        allow_auto_create_topics=False,
        ack_policy=AckPolicy.NACK_ON_ERROR,
        graceful_timeout=GRACE_S,
        apply_types=False,
        serializer=PydanticSerializer(
            pydantic_config={"hide_input_in_errors": True}, use_fastdepends_errors=False
        ),
        middlewares=middlewares,
        logger=None,
    )


class _Broker(KafkaBroker):
    """The framework's broker, with our consumer."""

    async def start(self) -> None:
        """Start subscribers side by side: each may wait seconds for its group to agree."""
        await self.connect()
        starting = (each.start() for each in self.subscribers)
        started = await asyncio.gather(*starting, return_exceptions=True)
        for outcome in started:
            if isinstance(outcome, BaseException):
                raise outcome
        self.running = True

    async def _connect(self) -> Any:
        await super()._connect()
        config = self.config.broker_config
        config.builder = partial(PatientConsumer, **cast("partial[Any]", config.builder).keywords)
        return config.builder


def subscribe(
    broker: KafkaBroker,
    topic: str,
    handler: BatchHandler,
    *,
    group: str,
    fetch_max_wait_ms: int,
) -> Any:
    """One batch subscriber for one topic; its handler gets the raw records of a poll.

    The offsets are committed when the handler returns; when it raises, every partition of the
    poll is rewound and read again, after a pause.
    """
    subscriber = broker.subscriber(
        topic,
        batch=True,
        group_id=group,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        no_reply=True,
        ack_policy=AckPolicy.NACK_ON_ERROR,
        max_records=POLL_RECORDS,
        batch_timeout_ms=200,
        fetch_max_wait_ms=fetch_max_wait_ms,
        max_poll_interval_ms=MAX_POLL_MS,
        session_timeout_ms=SESSION_MS,
        heartbeat_interval_ms=HEARTBEAT_MS,
        rebalance_timeout_ms=REBALANCE_MS,
        partition_assignment_strategy=(_sticky(),),
        parser=_bare,
        decoder=_raw,
    )
    subscriber(_untyped(_paced(handler)))
    return subscriber


def listen(
    broker: KafkaBroker, topic: str, handler: BatchHandler, *, fetch_max_wait_ms: int
) -> Any:
    """A subscriber of every process by itself, from now on: nothing to commit, nothing to redo."""
    subscriber = broker.subscriber(
        topic,
        batch=True,
        auto_offset_reset="latest",
        no_reply=True,
        ack_policy=AckPolicy.MANUAL,
        fetch_max_wait_ms=fetch_max_wait_ms,
        parser=_bare,
        decoder=_raw,
    )
    subscriber(_untyped(handler))
    return subscriber


def _sticky() -> type[StickyPartitionAssignor]:
    """An assignor of its own: the library keeps its memory on the class, for all consumers."""
    return type("StickyPartitionAssignor", (StickyPartitionAssignor,), {})


def _paced(handler: BatchHandler) -> BatchHandler:
    async def handle(records: list[Record]) -> None:
        try:
            await handler(records)
        except Exception:
            await asyncio.sleep(PAUSE_S)
            raise

    return handle


def _untyped(handler: BatchHandler) -> Callable[[Any], Awaitable[None]]:
    """The framework makes a schema of a handler's annotations; raw records have none."""

    async def handle(records: Any) -> None:
        await handler(records)

    return handle


async def _bare(
    records: tuple[Record, ...], original: Callable[[Any], Awaitable[KafkaMessage]]
) -> KafkaMessage:
    """The framework's message without the senders' headers: an odd one cannot stop the parser."""
    message = await original(tuple(_without_headers(r) for r in (records[0], records[-1])))
    message.raw_message = records
    message.body = [record.value or b"" for record in records]
    message.batch_headers = [_traced(record) for record in records]
    return message


async def _raw(message: StreamMessage[tuple[Record, ...]]) -> Any:
    return list(message.raw_message)


def _without_headers(record: Record) -> Record:
    bare = ConsumerRecord(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        timestamp=record.timestamp,
        timestamp_type=record.timestamp_type,
        key=record.key,
        value=record.value,
        checksum=None,
        serialized_key_size=record.serialized_key_size,
        serialized_value_size=record.serialized_value_size,
        headers=(),
    )
    return cast("Record", bare)


def _traced(record: Record) -> dict[str, str]:
    for name, value in record.headers:
        if name == TRACE_HEADER and value is not None and value.isascii():
            return {TRACE_HEADER: value.decode()}
    return {}
