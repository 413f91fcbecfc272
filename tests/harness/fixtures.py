"""Pytest fixtures of the harness: servers once per session, a platform per test, markers.

Loaded by tests/conftest.py.
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from typing import Any

import pytest
import pytest_asyncio

from deploy.local.embedded_broker import EmbeddedBroker
from deploy.local.mongod import TRANSACTION_LIFETIME_S
from deploy.local.servers import Servers, running_servers
from tests.harness.platform import Platform, random_name, standing

StartPlatform = Callable[..., Awaitable[Platform]]


@pytest.fixture(scope="session")
def session_servers() -> Iterator[Servers]:
    """The servers of this session, as KAFKA and its like say; tests ask for `servers`."""
    with running_servers() as servers:
        yield servers


@pytest.fixture
def servers(session_servers: Servers) -> Iterator[Servers]:
    """The session's servers, mended after the test if it broke them."""
    yield session_servers
    _mend(session_servers)


@pytest.fixture
def prefix() -> str:
    """A prefix of topics and consumer groups that no other test has."""
    return f"{random_name()}."


@pytest.fixture
def database_name() -> str:
    """A database that no other test has."""
    return random_name()


@pytest_asyncio.fixture
async def start_platform(
    servers: Servers, request: pytest.FixtureRequest
) -> AsyncIterator[StartPlatform]:
    """Start a `Platform` (same arguments, without the servers); it stops after the test."""
    platforms: list[Platform] = []
    request.node.stash[PLATFORMS] = platforms

    async def start(*arguments: Any, **options: Any) -> Platform:
        platform = Platform(servers, *arguments, **options)
        platforms.append(platform)
        await platform.start()
        return platform

    try:
        yield start
    finally:
        for platform in platforms:
            await platform.stop()


@pytest.fixture(scope="module")
def whole_platform(session_servers: Servers) -> Iterator[Platform]:
    """Every service, for the tests of a module, one after the other: each begins it again."""
    with standing(Platform(session_servers)) as platform:
        yield platform


PLATFORMS = pytest.StashKey[list[Platform]]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the end of each process's log beside a failure."""
    report = yield
    if report.failed:
        for platform in item.stash.get(PLATFORMS, []):
            for replica in platform.replicas():
                report.sections.append((f"log of {replica.name}", replica.process.tail()))
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses servers as connected; skip what the embedded broker cannot do."""
    embedded = _embedded()
    for item in items:
        if "session_servers" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.connected)
        if embedded and item.get_closest_marker("apache"):
            item.add_marker(pytest.mark.skip(reason="the embedded broker is not Apache Kafka"))


def _embedded() -> bool:
    if os.environ.get("KAFKA_BOOTSTRAP"):
        return bool(os.environ.get("KAFKA_CONTROL"))
    return (os.environ.get("KAFKA") or "embedded") == "embedded"


def _mend(servers: Servers) -> None:
    for server in (servers.mongod, servers.broker, servers.sink):
        if server is not None and not server.running:
            server.restart()
    if (
        servers.mongod is not None
        and servers.mongod.transaction_lifetime_s != TRANSACTION_LIFETIME_S
    ):
        servers.mongod.limit_transactions(TRANSACTION_LIFETIME_S)
    if isinstance(servers.broker, EmbeddedBroker):
        servers.broker.bring_up()
        servers.broker.delay(0)
    if servers.sink is not None:
        servers.sink.behave_well()
