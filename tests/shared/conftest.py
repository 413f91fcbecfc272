"""Fixtures of the tests of shared: the store of a tiny service, empty for each test."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
import structlog

from deploy.local.servers import Servers
from shared.mongo.client import Store
from tests.harness.platform import random_name
from tests.harness.stores import emptied, migrated
from tests.shared.in_process import Here
from tests.shared.tiny import SERVICE, build, tiny_settings


@pytest.fixture(scope="session", autouse=True)
def plain_logs() -> None:
    """Show tracebacks plainly: those with colours and values cost seconds each."""
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.processors.add_log_level, plain])


@pytest.fixture(scope="session")
def tiny_database(session_servers: Servers) -> Iterator[str]:
    """The name of a database that is migrated once: that costs more than a test."""
    migrations = build(tiny_settings(session_servers, "", "tiny")).migrations
    with migrated(session_servers.mongo, SERVICE, migrations) as name:
        yield name


@pytest_asyncio.fixture
async def store(servers: Servers, tiny_database: str) -> AsyncIterator[Store]:
    """An empty store of a tiny service."""
    async with emptied(servers.mongo, tiny_database, SERVICE) as store:
        yield store


@pytest_asyncio.fixture
async def here(servers: Servers) -> AsyncIterator[Here]:
    """Topics and a database for services that run in the test's own process."""
    here = Here(servers, random_name())
    await here.open()
    try:
        yield here
    finally:
        await here.close()
