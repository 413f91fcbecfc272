"""Fixtures of habilitation: its store, its process, as new for each test and shared by many."""

from collections.abc import AsyncIterator, Iterator

import pytest

from deploy.local.servers import Servers
from services.habilitation.migrations import MIGRATIONS
from shared.contracts.habilitation import SERVICE
from shared.mongo.client import Store
from tests.habilitation.running import Running, anew, of_two
from tests.harness.platform import Platform, standing
from tests.harness.stores import emptied, migrated


@pytest.fixture(scope="session")
def habilitation_database(session_servers: Servers) -> Iterator[str]:
    """The name of a database that is migrated once: that costs more than a test."""
    with migrated(session_servers.mongo, SERVICE, MIGRATIONS) as name:
        yield name


@pytest.fixture
async def store(servers: Servers, habilitation_database: str) -> AsyncIterator[Store]:
    """An empty store of habilitation."""
    async with emptied(servers.mongo, habilitation_database, SERVICE) as store:
        yield store


@pytest.fixture(scope="module")
def one_process(session_servers: Servers) -> Iterator[Platform]:
    """A process for the tests of a module, one after the other."""
    with standing(Platform(session_servers, (SERVICE,))) as platform:
        yield platform


@pytest.fixture
async def habilitation(one_process: Platform) -> AsyncIterator[Running]:
    """habilitation, with what there is everywhere and nothing else."""
    async with anew(one_process) as running:
        yield running


@pytest.fixture(scope="module")
def two_processes(session_servers: Servers) -> Iterator[Platform]:
    """Two of them."""
    with standing(of_two(session_servers)) as platform:
        yield platform
