"""Fixtures of the tests of shared: the store of a tiny service, empty for each test."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
import structlog

from deploy.local.servers import Servers
from shared.mongo import migrate
from shared.mongo.client import Store
from tests.harness.platform import random_name
from tests.shared.in_process import Here
from tests.shared.tiny import SERVICE, build, tiny_settings


@pytest.fixture(scope="session", autouse=True)
def plain_logs() -> None:
    """Show tracebacks plainly: those with colours and values cost seconds each."""
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.processors.add_log_level, plain])


@pytest.fixture(scope="session")
def migrated(session_servers: Servers) -> Iterator[str]:
    """The name of a database that is migrated once: collections cost more than a test."""
    name = random_name()
    migrations = build(tiny_settings(session_servers, "", name)).migrations

    async def prepare() -> None:
        store = Store(session_servers.mongo, name, service=SERVICE)
        await migrate.migrate(store, migrations)
        store.close()

    async def drop() -> None:
        store = Store(session_servers.mongo, name, service=SERVICE)
        await store.client.drop_database(name)
        store.close()

    asyncio.run(prepare())
    yield name
    asyncio.run(drop())


@pytest_asyncio.fixture
async def store(servers: Servers, migrated: str) -> AsyncIterator[Store]:
    """The migrated store of a tiny service; what a test leaves there goes."""
    store = Store(servers.mongo, migrated, service=SERVICE)
    try:
        yield store
        for name in await store.database.list_collection_names():
            if name != migrate.COLLECTION:
                await store.collection(name).delete_many({})
    finally:
        store.close()


@pytest_asyncio.fixture
async def here(servers: Servers) -> AsyncIterator[Here]:
    """Topics and a database for services that run in the test's own process."""
    here = Here(servers, random_name())
    await here.open()
    try:
        yield here
    finally:
        await here.close()
