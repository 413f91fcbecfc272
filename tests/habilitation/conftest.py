"""Fixtures of habilitation: its store on a real mongod, gone after the test."""

from collections.abc import AsyncIterator

import pytest

from deploy.local.servers import Servers
from services.habilitation.migrations import MIGRATIONS
from shared.contracts.habilitation import SERVICE
from shared.mongo.client import Store
from shared.mongo.migrate import migrate


@pytest.fixture
async def store(servers: Servers, database_name: str) -> AsyncIterator[Store]:
    """A fresh store of habilitation."""
    store = Store(servers.mongo, database_name, service=SERVICE)
    await migrate(store, MIGRATIONS)
    yield store
    await store.client.drop_database(database_name)
    store.close()
