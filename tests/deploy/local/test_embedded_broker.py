"""The embedded broker speaks Kafka's protocol, and fails on demand."""

import asyncio

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import RequestTimedOutError

from deploy.local.control import ControlFailed, call
from deploy.local.embedded_broker import EmbeddedBroker, list_topics
from deploy.local.process import ProcessFailed
from tests.harness.topics import Kafka, Outgoing, Publisher, lag, read_topic

pytestmark = pytest.mark.connected
PRODUCE = 0
NOT_LEADER = 6


def record(number: int) -> Outgoing:
    return Outgoing("t", f"k{number}".encode(), (("h", b"\xff"), ("h", b"2")), b"%d" % number)


@pytest.fixture
def kafka(embedded: EmbeddedBroker) -> Kafka:
    embedded.create_topics({"t": 12})
    return Kafka(embedded.address, 10)


async def test_records_keep_key_headers_and_order(kafka: Kafka) -> None:
    async with Publisher(kafka) as publisher:
        positions = await publisher.publish_all(map(record, range(300)))
    records = await read_topic(kafka, "t")
    assert len({partition for partition, _ in positions}) == 12
    assert sorted(int(read.value or b"") for read in records) == list(range(300))
    assert records[0].headers == (("h", b"\xff"), ("h", b"2"))
    assert await lag(kafka, "nobody", "t") == 300


async def test_broker_that_was_away_still_has_its_records(
    embedded: EmbeddedBroker, kafka: Kafka
) -> None:
    async with Publisher(kafka) as publisher:
        await publisher.publish(record(1))
        embedded.take_down()
        waiting = asyncio.create_task(publisher.publish(record(2)))
        done, _ = await asyncio.wait({waiting}, timeout=0.5)
        assert not done
        embedded.bring_up()
        await asyncio.wait_for(waiting, 10)
    assert len(await read_topic(kafka, "t")) == 2


async def test_pushed_errors_are_served_once(embedded: EmbeddedBroker, kafka: Kafka) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, request_timeout_ms=3_000)
    async with producer:
        embedded.push_errors(PRODUCE, [NOT_LEADER])
        await producer.send_and_wait("t", b"again", partition=0)
        embedded.delay(5_000)
        with pytest.raises(RequestTimedOutError):
            await producer.send_and_wait("t", b"late", partition=0)
        embedded.delay(0)


def test_topics_are_created_once(embedded: EmbeddedBroker) -> None:
    embedded.create_topics({"a": 3})
    embedded.create_topics({"a": 5, "b": 1})
    assert list_topics(embedded.control) == {"a": 3, "b": 1}
    embedded.delete_topics(["a", "unknown"])
    assert list_topics(embedded.control) == {"b": 1}


async def test_kill_loses_everything(embedded: EmbeddedBroker, kafka: Kafka) -> None:
    async with Publisher(kafka) as publisher:
        await publisher.publish(record(1))
    embedded.kill()
    with pytest.raises(ControlFailed):
        list_topics(embedded.control)
    embedded.restart()
    assert list_topics(embedded.control) == {}


def test_clean_stop(embedded: EmbeddedBroker) -> None:
    embedded.stop()
    assert embedded.process.exit_code == 0


def test_second_start_is_refused(embedded: EmbeddedBroker) -> None:
    with pytest.raises(ProcessFailed):
        embedded.start()
    assert embedded.running
    with pytest.raises(ControlFailed, match="KeyError"):
        call(embedded.control, "nonsense")
