"""Fixtures of identity: its store on a real mongod, gone after the test."""

from collections.abc import AsyncIterator

import pytest

from deploy.local.servers import Servers
from services.identity.migrations.v0001_comptes import V0001
from services.identity.migrations.v0002_habilitation import V0002
from services.identity.migrations.v0003_annuaire import V0003
from services.identity.migrations.v0004_acces import V0004
from services.identity.migrations.v0005_demandes import V0005
from services.identity.migrations.v0006_demandes_refusees import V0006
from shared.contracts.identity import SERVICE
from shared.mongo.client import Store
from shared.mongo.migrate import migrate


@pytest.fixture
async def store(servers: Servers, database_name: str) -> AsyncIterator[Store]:
    """A fresh store of identity."""
    store = Store(servers.mongo, database_name, service=SERVICE)
    await migrate(store, (V0001, V0002, V0003, V0004, V0005, V0006))
    yield store
    await store.client.drop_database(database_name)
    store.close()
