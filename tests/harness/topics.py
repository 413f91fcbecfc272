"""Drive the platform through its topics: publish, read all, follow, measure the lag."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from tests.harness.polling import eventually

METADATA_S = 10
"""How long a new topic may take to be known everywhere; assumed."""
READ_S = 60
"""How long the reading of one topic may take; assumed."""
BURST = 5_000
"""Records in flight at once; assumed."""

Headers = tuple[tuple[str, bytes], ...]
Ends = dict[TopicPartition, int]
"""Where partitions end."""


@dataclass(frozen=True)
class Kafka:
    """A Kafka, and how long a fetch may wait there (10 ms on the embedded broker)."""

    bootstrap: str
    fetch_max_wait_ms: int = 500


@dataclass(frozen=True)
class Outgoing:
    """A record to publish."""

    topic: str
    key: bytes | None
    headers: Headers
    value: bytes | None
    timestamp_ms: int | None = None
    partition: int | None = None


@dataclass(frozen=True)
class Record:
    """A record read from a topic."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    headers: Headers
    value: bytes | None

    def header(self, name: str) -> str | None:
        """The first header of that name as text."""
        found = next((value for key, value in self.headers if key == name), None)
        return None if found is None else found.decode()

    def json(self) -> Any:
        """The value, decoded."""
        return None if self.value is None else json.loads(self.value)


class Publisher:
    """Publishes raw records, as another system would: `async with Publisher(kafka) as p`."""

    def __init__(self, kafka: Kafka) -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=kafka.bootstrap, enable_idempotence=True
        )

    async def __aenter__(self) -> Self:
        await self._producer.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._producer.stop()

    async def publish(self, record: Outgoing) -> tuple[int, int]:
        """Publish one record; return its partition and offset once it is acknowledged."""
        return (await self.publish_all([record]))[0]

    async def publish_all(self, records: Iterable[Outgoing]) -> list[tuple[int, int]]:
        """Publish many records, pipelined; return partition and offset of each, in order."""
        positions: list[tuple[int, int]] = []
        pending: list[asyncio.Future[Any]] = []
        for record in records:
            pending.append(await self._send(record))
            if len(pending) == BURST:
                positions += [(done.partition, done.offset) for done in await _all(pending)]
                pending = []
        return positions + [(done.partition, done.offset) for done in await _all(pending)]

    async def _send(self, record: Outgoing) -> asyncio.Future[Any]:
        future: asyncio.Future[Any] = await self._producer.send(
            record.topic,
            record.value,
            key=record.key,
            headers=list(record.headers),
            timestamp_ms=record.timestamp_ms,
            partition=record.partition,
        )
        return future


async def _all(futures: list[asyncio.Future[Any]]) -> list[Any]:
    return list(await asyncio.gather(*futures))


async def ends_of(kafka: Kafka, *topics: str) -> Ends:
    """Where topics end now."""
    async with _consumer(kafka, *topics) as consumer:
        return dict(await consumer.end_offsets(consumer.assignment()))


async def read_topic(kafka: Kafka, topic: str, since: Ends | None = None) -> list[Record]:
    """Every record that the topic holds now, in order within each partition; or since some end."""
    async with _consumer(kafka, topic, since=since) as consumer:
        ends = await consumer.end_offsets(consumer.assignment())
        records: list[Record] = []

        async def complete() -> bool:
            polled = await consumer.getmany(timeout_ms=kafka.fetch_max_wait_ms)
            records.extend(_record(raw) for batch in polled.values() for raw in batch)
            positions = [
                await consumer.position(partition) >= end for partition, end in ends.items()
            ]
            return all(positions)

        await eventually(complete, READ_S, f"{topic} read to its end")
    records.sort(key=lambda record: (record.partition, record.offset))
    return [record for record in records if record.offset < ends[_partition(record)]]


async def lag(kafka: Kafka, group: str, topic: str) -> int:
    """How many records of the topic the group has not committed yet.

    Computed from end and committed offsets: the embedded broker cannot list groups.
    """
    async with _consumer(kafka, topic) as reader:
        partitions = reader.assignment()
        ends = await reader.end_offsets(partitions)
        starts = await reader.beginning_offsets(partitions)
    member = AIOKafkaConsumer(
        bootstrap_servers=kafka.bootstrap, group_id=group, enable_auto_commit=False
    )
    await member.start()
    try:
        member.assign(list(partitions))  # looks only: a manual assignment joins no group
        committed = {partition: await member.committed(partition) for partition in partitions}
    finally:
        await member.stop()
    return sum(
        ends[partition] - max(starts[partition], committed[partition] or 0)
        for partition in partitions
    )


class Follower:
    """Reads topics in the background, from their beginning, and keeps every record in order.

    `async with Follower(kafka, "mcp.user-lifecycle") as follower`; `since`: from there on.
    """

    def __init__(self, kafka: Kafka, *topics: str, since: Ends | None = None) -> None:
        self.records: list[Record] = []
        self._kafka = kafka
        self._topics = topics
        self._since = since
        self._arrived = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None
        self._following = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._follow())
        started = asyncio.create_task(self._following.wait())
        await asyncio.wait({self._task, started}, return_when=asyncio.FIRST_COMPLETED)
        started.cancel()
        if self._task.done():
            await self._task  # raises what ended it
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def wait_for(
        self, predicate: Callable[[Record], bool], deadline_s: float, what: str = "a record"
    ) -> Record:
        """The first record, past or to come, that the predicate accepts."""
        return (await self.wait_for_many(predicate, 1, deadline_s, what))[0]

    async def wait_for_many(
        self,
        predicate: Callable[[Record], bool],
        count: int,
        deadline_s: float,
        what: str = "records",
    ) -> list[Record]:
        """The first `count` records, past or to come, that the predicate accepts."""
        found: list[Record] = []
        seen = 0
        try:
            async with asyncio.timeout(deadline_s):
                while True:
                    found += filter(predicate, self.records[seen:])
                    seen = len(self.records)
                    if len(found) >= count:
                        return found[:count]
                    await self._next(seen)
        except TimeoutError:
            text = f"{len(found)} of {count} after {deadline_s} s: {what}"
            raise AssertionError(f"{text} ({seen} records of {', '.join(self._topics)})") from None

    async def _next(self, seen: int) -> None:
        async with self._arrived:
            await self._arrived.wait_for(lambda: len(self.records) > seen or self._ended)
        if self._ended and self._task is not None:
            await self._task

    @property
    def _ended(self) -> bool:
        return self._task is None or self._task.done()

    async def _follow(self) -> None:
        async with _consumer(self._kafka, *self._topics, since=self._since) as consumer:
            self._following.set()
            while True:
                polled = await consumer.getmany(timeout_ms=1_000)
                if polled:
                    async with self._arrived:
                        for batch in polled.values():
                            self.records.extend(map(_record, batch))
                        self._arrived.notify_all()


@asynccontextmanager
async def _consumer(
    kafka: Kafka, *topics: str, since: Ends | None = None
) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer of all partitions from their beginning, or since there, member of no group."""
    consumer = AIOKafkaConsumer(
        *topics,
        bootstrap_servers=kafka.bootstrap,
        group_id=None,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=kafka.fetch_max_wait_ms,
    )
    await consumer.start()
    try:

        def known() -> bool:
            return {partition.topic for partition in consumer.assignment()} == set(topics)

        await eventually(known, METADATA_S, f"topics {', '.join(topics)}")
        for partition, offset in (since or {}).items():
            if partition.topic in topics:
                consumer.seek(partition, offset)
        yield consumer
    finally:
        await consumer.stop()


def _record(raw: "ConsumerRecord[bytes, bytes]") -> Record:
    return Record(
        topic=raw.topic,
        partition=raw.partition,
        offset=raw.offset,
        timestamp_ms=raw.timestamp,
        key=raw.key,
        headers=tuple(raw.headers),
        value=raw.value,
    )


def _partition(record: Record) -> TopicPartition:
    return TopicPartition(record.topic, record.partition)
