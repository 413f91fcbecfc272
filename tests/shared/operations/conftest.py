"""A tiny service on the session's servers, for tests in their own process."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from deploy.local.servers import Servers
from deploy.topics import Cluster, create_topics
from shared.mongo.client import Store
from shared.mongo.migrate import migrate
from shared.service import Service
from tests.harness.topics import Kafka
from tests.shared import tiny


@pytest_asyncio.fixture
async def tiny_service(servers: Servers, prefix: str, database_name: str) -> Service:
    """The tiny service, wired, its topics created; nothing of it runs."""
    cluster = Cluster(
        bootstrap=servers.kafka,
        prefix=prefix,
        control=servers.kafka_control,
        max_replication=None if servers.broker is None else 1,
    )
    await create_topics(cluster, tiny.TOPICS)
    return tiny.build(tiny.tiny_settings(servers, prefix, database_name))


@pytest_asyncio.fixture
async def tiny_store(tiny_service: Service) -> AsyncIterator[Store]:
    """Its store, migrated; the database goes after the test."""
    settings = tiny_service.settings
    store = Store(settings.mongo_uri.get_secret_value(), settings.mongo_database, service="test")
    await migrate(store, tiny_service.migrations)
    yield store
    await store.client.drop_database(settings.mongo_database)
    store.close()


@pytest.fixture
def kafka(servers: Servers) -> Kafka:
    """Where the session's Kafka is."""
    return Kafka(servers.kafka, servers.fetch_max_wait_ms)
