"""The way out to Kafka: bounded, one instance per round, replaced when it hangs or turns fatal."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    MessageSizeTooLargeError,
    OutOfOrderSequenceNumber,
    ProducerClosed,
    UnknownTopicOrPartitionError,
)

from deploy.local.embedded_broker import EmbeddedBroker
from deploy.local.servers import Servers
from shared.contracts.topics import DEAD_LETTER_BYTES
from shared.kafka import producer as module
from shared.kafka.producer import Producer
from shared.path.work import Row
from tests.harness.topics import Kafka, read_topic
from tests.shared.kafka.polling import make_topic

INIT_PRODUCER_ID, PRODUCE = 22, 0
"""https://kafka.apache.org/protocol.html#protocol_api_keys"""
OUT_OF_ORDER_SEQUENCE_NUMBER, CLUSTER_AUTHORIZATION_FAILED = 45, 31
"""https://kafka.apache.org/protocol.html#protocol_error_codes"""


def row(id: str, aggregate: str = "a", topic: str = "facts", **more: Any) -> Row:
    given = {"key": "k", "headers": {"ce_id": id, "é": "é"}, "value": id.encode(), **more}
    return Row(id, aggregate, 1, topic, **given)


# -- against an instance that does as it is told --------------------------------------------------


class Instance:
    """Stands for one `AIOKafkaProducer`: acknowledges what `answer` does not fail or keep."""

    def __init__(self, answer: Callable[[str], Any] | None = None) -> None:
        self.sent: list[str] = []
        self.stopped = False
        self._answer = answer or (lambda _: None)

    async def partitions_for(self, topic: str) -> set[int]:
        if topic.endswith("missing"):
            raise UnknownTopicOrPartitionError
        return {0}

    async def send(self, topic: str, value: bytes, **__: Any) -> asyncio.Future[None]:
        if self.stopped:
            raise ProducerClosed
        assert topic
        answer = self._answer(value.decode())
        if isinstance(answer, Exception):
            raise answer
        self.sent.append(value.decode())
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if answer is None:
            future.set_result(None)
        elif isinstance(answer, tuple):
            future.set_exception(answer[0])
        return future

    async def stop(self) -> None:
        self.stopped = True


HANGS = "hangs"


class Instances(Producer):
    """A producer on such instances, one after the other."""

    def __init__(self, *instances: Instance) -> None:
        super().__init__(["127.0.0.1:1"], client_id="tests", topic_prefix="")
        self.waiting = list(instances)

    async def _start(self) -> Any:
        await asyncio.sleep(0)
        return self.waiting.pop(0)


async def test_rows_go_out_in_the_order_given():
    instance = Instance()
    acknowledged = await Instances(instance).publish([row("a1"), row("b1", "b"), row("a2")])
    assert instance.sent == ["a1", "b1", "a2"]
    assert acknowledged == {"a1", "b1", "a2"}


async def test_once_a_row_cannot_be_sent_its_aggregate_waits_and_the_others_do_not():
    instance = Instance(lambda sent: MessageSizeTooLargeError() if sent == "a2" else None)
    rows = [row("a1"), row("a2"), row("b1", "b"), row("a3"), row("b2", "b")]
    assert await Instances(instance).publish(rows) == {"a1", "b1", "b2"}
    assert instance.sent == ["a1", "b1", "b2"]
    assert not instance.stopped


async def test_a_topic_that_the_broker_does_not_know_holds_its_aggregates_only():
    instance = Instance()
    rows = [row("a1", topic="missing"), row("a2"), row("b1", "b")]
    assert await Instances(instance).publish(rows) == {"b1"}
    assert not instance.stopped


@pytest.mark.parametrize(
    "fatal",
    [OutOfOrderSequenceNumber(), KafkaError("Unexpected error during batch delivery")],
    ids=repr,
)
async def test_a_fatal_error_replaces_the_instance(fatal: Exception):
    """Whether the row that it struck was under way, or could not even be handed over."""
    for answer in (fatal, (fatal,)):
        first = Instance({"a1": answer}.get)
        second = Instance()
        producer = Instances(first, second)
        assert "a1" not in await producer.publish([row("a1")])
        assert first.stopped
        assert await producer.publish([row("a1")]) == {"a1"}
        assert second.sent == ["a1"]


async def test_a_round_is_bounded_and_an_instance_that_hangs_is_replaced(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(module, "ROUND_S", 0.1)
    first, second = Instance(lambda sent: HANGS if sent == "a1" else None), Instance()
    producer = Instances(first, second)
    assert await producer.publish([row("b1", "b"), row("a1")]) == {"b1"}
    assert first.stopped
    assert await producer.publish([row("a1")]) == {"a1"}


async def test_a_retired_instance_gets_no_further_row(monkeypatch: pytest.MonkeyPatch):
    """A round that still holds it goes on with none, not with the next one."""
    monkeypatch.setattr(module, "ROUND_S", 1.0)
    going, gone = asyncio.Event(), asyncio.Event()

    class Slow(Instance):
        async def send(self, topic: str, value: bytes, **more: Any) -> asyncio.Future[None]:
            if value == b"a2":
                going.set()
                await gone.wait()
            return await super().send(topic, value, **more)

    first, second = Slow(), Instance()
    producer = Instances(first, second)
    slow = asyncio.create_task(producer.publish([row("a1"), row("a2"), row("a3")]))
    await asyncio.wait_for(going.wait(), 5)
    await producer._retire(first)
    gone.set()
    assert await slow == {"a1"}
    assert first.sent == ["a1"]
    assert second.sent == []


async def test_two_rounds_at_once_start_one_instance():
    only = Instance()
    producer = Instances(only)
    await asyncio.gather(producer.publish([row("a1")]), producer.publish([row("b1", "b")]))
    assert sorted(only.sent) == ["a1", "b1"]


async def test_a_broker_that_is_away_is_no_error_of_the_caller():
    class Away(Producer):
        async def _start(self) -> Any:
            raise KafkaConnectionError

    producer = Away(["127.0.0.1:1"], client_id="tests", topic_prefix="")
    assert await producer.publish([row("a1")]) == set()
    await producer.stop()


# -- against a broker -----------------------------------------------------------------------------


@pytest.fixture
def broker(servers: Servers) -> EmbeddedBroker:
    if not isinstance(servers.broker, EmbeddedBroker):
        pytest.skip("only the embedded broker breaks on demand")
    return servers.broker


async def test_a_record_is_what_its_row_says(servers: Servers, prefix: str):
    await make_topic(servers, f"{prefix}facts", 3)
    producer = Producer([servers.kafka], client_id="tests", topic_prefix=prefix)
    rows = [row("a1"), row("a2", key="é", value=None), row("a3", key=None, headers={})]
    assert await producer.publish(rows) == {"a1", "a2", "a3"}
    await producer.stop()
    kafka = Kafka(servers.kafka, servers.fetch_max_wait_ms)
    records = await read_topic(kafka, f"{prefix}facts")
    told = {(record.key, record.value, len(record.headers)) for record in records}
    assert told == {(b"k", b"a1", 2), ("é".encode(), None, 2), (None, b"a3", 0)}
    with_headers = next(record for record in records if record.value == b"a1")
    assert (with_headers.header("ce_id"), with_headers.header("é")) == ("a1", "é")


async def test_the_producer_is_idempotent_and_takes_the_largest_dead_letter(servers: Servers):
    producer = Producer([servers.kafka], client_id="tests", topic_prefix="")
    instance: Any = await producer._running()
    assert instance._txn_manager is not None
    assert instance._txn_manager.transactional_id is None
    assert instance._sender._acks == -1
    assert instance._max_request_size == DEAD_LETTER_BYTES
    await producer.stop()


async def test_f8_publishing_is_bounded_while_the_broker_is_gone_and_goes_on_after(
    broker: EmbeddedBroker, servers: Servers, prefix: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "ROUND_S", 0.5)
    monkeypatch.setattr(module, "RETIRE_S", 0.2)
    await make_topic(servers, f"{prefix}facts", 1)
    producer = Producer([servers.kafka], client_id="tests", topic_prefix=prefix)
    assert await producer.publish([row("a1")]) == {"a1"}
    first = producer._instance
    assert first is not None
    broker.take_down()
    started = time.monotonic()
    assert await producer.publish([row("a2"), row("a3")]) == set()
    assert time.monotonic() - started < 5
    assert producer._instance is None
    with pytest.raises(ProducerClosed):
        await first.send(f"{prefix}facts", b"x", key=b"k")
    broker.bring_up()
    async with asyncio.timeout(20):
        while not await producer.publish([row("a2"), row("a3")]):
            pass
    await producer.stop()
    records = await read_topic(Kafka(servers.kafka, servers.fetch_max_wait_ms), f"{prefix}facts")
    values = [record.value for record in records]
    assert list(dict.fromkeys(values)) == [b"a1", b"a2", b"a3"]


@pytest.mark.parametrize(
    ("request_kind", "code"),
    [
        (PRODUCE, OUT_OF_ORDER_SEQUENCE_NUMBER),
        (INIT_PRODUCER_ID, CLUSTER_AUTHORIZATION_FAILED),
    ],
)
async def test_an_instance_that_the_broker_made_useless_is_replaced(
    broker: EmbeddedBroker, servers: Servers, prefix: str, request_kind: int, code: int
):
    await make_topic(servers, f"{prefix}facts", 1)
    producer = Producer([servers.kafka], client_id="tests", topic_prefix=prefix)
    broker.push_errors(request_kind, [code])
    async with asyncio.timeout(10):
        assert await producer.publish([row("a1")]) == set()
        assert producer._instance is None
        assert await producer.publish([row("a1")]) == {"a1"}
    await producer.stop()
