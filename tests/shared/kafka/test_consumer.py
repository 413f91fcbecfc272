"""A batch that cannot be decoded costs itself only: no other record is passed over."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from deploy.local.servers import Servers
from shared.kafka.broker import Record
from shared.kafka.consumer import PatientConsumer, SteadyConsumer
from shared.kafka.lag import answers
from tests.harness.polling import eventually
from tests.shared.kafka.polling import fill, make_topic, numbered, subscribed

DEADLINE_S = 20
PARTITIONS = 3


class OddName(str):
    """The name of a header, which some sender writes in bytes that are no UTF-8."""

    __slots__ = ()

    def encode(self, *_: Any) -> bytes:
        return b"\xff\xfename"


async def publish_odd_name(servers: Servers, topic: str, partition: int) -> None:
    """Publish a batch of three records, the second with a header of an odd name."""
    builder = _DefaultRecordBatchBuilderPy(2, 0, 0, -1, -1, -1, 100_000)
    now = int(time.time() * 1000)
    for number, headers in enumerate(([], [(OddName("x"), b"v")], [("y", b"w")])):
        builder.append(number, now, b"k", b"odd/%d" % number, headers)
    producer = AIOKafkaProducer(bootstrap_servers=servers.kafka)
    await producer.start()
    try:
        batch = producer.create_batch()
        batch._builder = builder
        batch._relative_offset = 3
        await (await producer.send_batch(batch, topic, partition=partition))
    finally:
        await producer.stop()


async def test_a_consumer_says_when_it_can_be_asked_something(servers: Servers, prefix: str):
    topic = f"{prefix}started"
    await make_topic(servers, topic, PARTITIONS)
    consumer = SteadyConsumer(topic, bootstrap_servers=servers.kafka)
    assert not consumer.has_started
    await consumer.start()
    try:
        assert consumer.has_started
        await answers(consumer, topic)
    finally:
        await consumer.stop()


async def test_the_next_poll_does_not_wait_for_the_offsets_of_the_last(
    servers: Servers, prefix: str, monkeypatch: pytest.MonkeyPatch
):
    topic, commit = f"{prefix}beside", AIOKafkaConsumer.commit
    await make_topic(servers, topic, PARTITIONS)
    answered, seen = asyncio.Event(), []

    async def slow(self: AIOKafkaConsumer, offsets: Any = None) -> None:
        await answered.wait()
        await commit(self, offsets)

    async def handle(records: list[Record]) -> None:
        seen.extend(records)

    monkeypatch.setattr(AIOKafkaConsumer, "commit", slow)
    async with subscribed(servers, topic, handle) as subscriber:
        await fill(servers, numbered(topic, PARTITIONS, 1))
        await eventually(lambda: len(seen) == PARTITIONS, DEADLINE_S, "handled")
        await fill(servers, numbered(topic, PARTITIONS, 1))
        await eventually(lambda: len(seen) == 2 * PARTITIONS, DEADLINE_S, "handled")

        async def committed() -> list[int | None]:
            partitions = (TopicPartition(topic, number) for number in range(PARTITIONS))
            return [await subscriber.consumer.committed(each) for each in partitions]

        async def all_told() -> bool:
            return await committed() == [2] * PARTITIONS

        assert await committed() == [None] * PARTITIONS
        answered.set()
        await eventually(all_told, DEADLINE_S, "told")


async def test_what_was_noted_before_a_rebalance_is_not_told_after_it(
    servers: Servers, prefix: str, monkeypatch: pytest.MonkeyPatch
):
    """Others may be further by then, even with a partition that came back."""
    topic = f"{prefix}lost"
    await make_topic(servers, topic, PARTITIONS)
    answered, told = asyncio.Event(), []

    async def slow(_: AIOKafkaConsumer, offsets: Any = None) -> None:
        told.append(offsets)
        await answered.wait()

    monkeypatch.setattr(AIOKafkaConsumer, "commit", slow)
    consumer = SteadyConsumer(
        bootstrap_servers=servers.kafka, group_id=f"{topic}.group", enable_auto_commit=False
    )
    consumer.subscribe([topic])
    await consumer.start()
    try:
        await eventually(consumer.assignment, DEADLINE_S, "assigned")
        await consumer.commit()
        await eventually(lambda: told, DEADLINE_S, "being told")
        await consumer.commit()
        consumer.unsubscribe()
        consumer.subscribe([topic])
        await eventually(consumer.assignment, DEADLINE_S, "assigned again")
        answered.set()
        await consumer._telling.told()
        assert len(told) == 1
    finally:
        await consumer.stop()


async def test_a_subscriber_is_never_told_that_there_is_nothing(servers: Servers, prefix: str):
    """The framework would pause as long as it waited, whatever arrives meanwhile."""
    topic = f"{prefix}patient"
    await make_topic(servers, topic, PARTITIONS)
    consumer = PatientConsumer(topic, bootstrap_servers=servers.kafka, auto_offset_reset="earliest")
    await consumer.start()
    try:
        polling = asyncio.create_task(consumer.getmany(timeout_ms=1))
        await answers(consumer, topic)
        assert not polling.done()
        await fill(servers, numbered(topic, PARTITIONS, 1))
        async with asyncio.timeout(DEADLINE_S):
            assert await polling
    finally:
        await consumer.stop()


async def test_a_header_whose_name_is_not_utf8_stops_nothing(servers: Servers, prefix: str):
    topic = f"{prefix}odd-names"
    await make_topic(servers, topic, PARTITIONS)
    await fill(servers, numbered(topic, PARTITIONS, 3))
    await publish_odd_name(servers, topic, 1)
    await fill(servers, numbered(topic, PARTITIONS, 3))
    seen: list[Record] = []

    async def handle(records: list[Record]) -> None:
        seen.extend(records)

    async with subscribed(servers, topic, handle):
        await eventually(lambda: len(seen) == 6 * PARTITIONS + 3, DEADLINE_S, "all records")
    assert len({(record.partition, record.offset) for record in seen}) == len(seen)
    odd = [record for record in seen if (record.value or b"").startswith(b"odd/")]
    assert [record.value for record in odd] == [b"odd/0", b"odd/1", b"odd/2"]
    assert [list(record.headers) for record in odd] == [
        [],
        [("\\xff\\xfename", b"v")],
        [("y", b"w")],
    ]


async def test_a_partition_that_cannot_be_read_holds_up_itself_and_no_other(
    servers: Servers, prefix: str, monkeypatch: pytest.MonkeyPatch
):
    """As with a compression that this process does not know, or a broken checksum."""
    topic = f"{prefix}unreadable"
    await make_topic(servers, topic, PARTITIONS)
    await fill(servers, numbered(topic, PARTITIONS, 20))
    readable = False

    class Broken(fetcher.PartitionRecords):  # type: ignore[misc]
        def _unpack_records(self) -> Iterator[Any]:
            if not readable and self._tp.partition == 1:
                raise CorruptRecordException("unreadable")
            yield from super()._unpack_records()

    monkeypatch.setattr(fetcher, "PartitionRecords", Broken)
    seen: list[bytes | None] = []

    async def handle(records: list[Record]) -> None:
        seen.extend(record.value for record in records)

    def values(*partitions: int) -> list[bytes]:
        return sorted(
            b"%d/%d" % (partition, number) for partition in partitions for number in range(20)
        )

    async with subscribed(servers, topic, handle) as subscriber:
        await eventually(lambda: len(seen) == 40, DEADLINE_S, "the readable ones")
        assert sorted(value or b"" for value in seen) == values(0, 2)
        readable = True
        await eventually(lambda: len(seen) == 60, DEADLINE_S, "all of them")
        assert subscriber.running
    assert sorted(value or b"" for value in seen) == values(0, 1, 2)
