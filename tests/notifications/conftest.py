"""Fixtures of notifications: one process of it, and its database that goes after the test."""

from collections.abc import AsyncIterator

import pytest

from deploy.local.servers import Servers
from tests.notifications.running import Replica, replica


@pytest.fixture
async def process(servers: Servers, database_name: str) -> AsyncIterator[Replica]:
    """A process on a fresh database."""
    async with replica(servers.mongo, database_name) as running:
        yield running
        await running.store.client.drop_database(database_name)
