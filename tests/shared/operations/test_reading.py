"""A topic is read from its beginning to where it was told, then on; what is missing is told."""

import pytest

from deploy.local.ports import free_port
from shared.operations.endings import Failed
from shared.operations.reading import TopicReader
from shared.service import Service
from tests.harness.topics import Kafka, Outgoing, Publisher
from tests.shared import tiny

pytestmark = pytest.mark.connected


async def publish(service: Service, kafka: Kafka, values: range) -> None:
    topic = service.settings.topic_prefix + tiny.COUNTERS
    async with Publisher(kafka) as publisher:
        await publisher.publish_all(
            Outgoing(topic, f"k{n % 7}".encode(), (), str(n).encode()) for n in values
        )


async def read(reader: TopicReader) -> list[int]:
    ends = await reader.ends()
    return [int(r.value or b"") async for batch in reader.read(ends) for r in batch]


async def test_topic_is_read_to_the_end_it_had_then_further(
    tiny_service: Service, kafka: Kafka
) -> None:
    await publish(tiny_service, kafka, range(5_000))
    async with TopicReader(tiny_service.settings, tiny.COUNTERS) as reader:
        ends = await reader.ends()
        await publish(tiny_service, kafka, range(5_000, 6_000))
        first = [int(r.value or b"") async for batch in reader.read(ends) for r in batch]
        assert sorted(first) == list(range(5_000))
        assert [n for n in first if n % 7 == 3] == list(range(3, 5_000, 7))
        assert sorted(await read(reader)) == list(range(5_000, 6_000))
        assert await read(reader) == []


async def test_empty_topic_has_nothing_to_read(tiny_service: Service) -> None:
    async with TopicReader(tiny_service.settings, tiny.COUNTERS) as reader:
        assert await read(reader) == []
        assert set(reader.starts.values()) == {0}


async def test_kafka_that_stays_away_is_told(tiny_service: Service) -> None:
    nowhere = tiny_service.settings.model_copy(
        update={"kafka_bootstrap": f"127.0.0.1:{free_port()}"}
    )
    with pytest.raises(Failed, match="Kafka ne répond pas"):
        async with TopicReader(nowhere, tiny.COUNTERS, wait_s=0.5):
            raise AssertionError


async def test_topic_that_kafka_does_not_know_is_told(tiny_service: Service) -> None:
    with pytest.raises(Failed, match=r"ne connaît pas le topic « mcp\.absent »"):
        async with TopicReader(tiny_service.settings, "mcp.absent", wait_s=1):
            raise AssertionError
