"""Facts on the Kafka of this session, for foreign programs to read."""

import asyncio
from collections.abc import Iterator

import pytest

from deploy.local.servers import Servers
from deploy.topics import Cluster, delete_topics
from shared.contracts.topics import TOPICS
from tests.harness.platform import random_name
from tests.harness.topics import Kafka
from tests.interop.published import Published, publish


@pytest.fixture(scope="session")
def published(session_servers: Servers) -> Iterator[Published]:
    """Every fact of the language, several times, on the topics of a prefix of their own."""
    prefix = f"{random_name()}."
    local = session_servers.broker is not None
    cluster = Cluster(
        session_servers.kafka, prefix, session_servers.kafka_control, 1 if local else None
    )
    kafka = Kafka(session_servers.kafka, session_servers.fetch_max_wait_ms)
    yield asyncio.run(publish(cluster, kafka))
    if session_servers.kafka_control is None:
        asyncio.run(delete_topics(cluster, TOPICS.values()))
