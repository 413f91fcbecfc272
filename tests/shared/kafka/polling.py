"""Subscribers made by the one factory, on a topic of the test's own."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from deploy.local.servers import Servers
from deploy.topics import Cluster, create_topics
from shared.contracts.topics import DAY_MS, Topic
from shared.kafka.broker import BatchHandler, make_broker, subscribe
from tests.harness.topics import Kafka, Outgoing, Publisher


async def make_topic(servers: Servers, name: str, partitions: int) -> None:
    """Create a topic of that full name."""
    cluster = Cluster(
        bootstrap=servers.kafka,
        control=servers.kafka_control,
        max_replication=None if servers.broker is None else 1,
    )
    topic = Topic(
        name=name,
        carries="a test",
        owner="tests",
        producers=(),
        consumers=(),
        key="none",
        retention_ms=DAY_MS,
        partitions=partitions,
    )
    await create_topics(cluster, [topic])


async def fill(servers: Servers, records: Iterable[Outgoing]) -> None:
    """Publish records."""
    async with Publisher(Kafka(servers.kafka, servers.fetch_max_wait_ms)) as publisher:
        await publisher.publish_all(records)


def numbered(topic: str, partitions: int, each: int) -> list[Outgoing]:
    """Records `<partition>/<number>`."""
    return [
        Outgoing(topic, b"k", (), f"{partition}/{number}".encode(), partition=partition)
        for number in range(each)
        for partition in range(partitions)
    ]


@asynccontextmanager
async def subscribed(servers: Servers, topic: str, handler: BatchHandler) -> AsyncIterator[Any]:
    """A subscriber that runs."""
    broker = make_broker([servers.kafka], service="tests")
    subscriber = subscribe(
        broker,
        topic,
        handler,
        group=f"{topic}.group",
        fetch_max_wait_ms=servers.fetch_max_wait_ms,
    )
    await broker.start()
    try:
        yield subscriber
    finally:
        async with asyncio.timeout(20):
            await broker.stop()
