"""Fixtures of identity: its store, its process, as new for each test and shared by many."""

from collections.abc import AsyncIterator, Iterator

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
from tests.harness.platform import Platform, standing
from tests.harness.stores import emptied, migrated
from tests.identity.people import BEHIND_PROXIES, People
from tests.identity.running import Running, anew

MIGRATIONS = (V0001, V0002, V0003, V0004, V0005, V0006)


@pytest.fixture(scope="session")
def identity_database(session_servers: Servers) -> Iterator[str]:
    """The name of a database that is migrated once: that costs more than a test."""
    with migrated(session_servers.mongo, SERVICE, MIGRATIONS) as name:
        yield name


@pytest.fixture
async def store(servers: Servers, identity_database: str) -> AsyncIterator[Store]:
    """An empty store of identity."""
    async with emptied(servers.mongo, identity_database, SERVICE) as store:
        yield store


@pytest.fixture(scope="module")
def one_process(session_servers: Servers) -> Iterator[Platform]:
    """A process for the tests of a module that leave its clock alone, one after the other."""
    with standing(Platform(session_servers, (SERVICE,))) as platform:
        yield platform


@pytest.fixture(scope="module")
def behind_proxies(session_servers: Servers) -> Iterator[Platform]:
    """The same, whose people each come from an address of their own, as told by our own proxy."""
    platform = Platform(session_servers, (SERVICE,), environment=BEHIND_PROXIES)
    with standing(platform):
        yield platform


@pytest.fixture
async def identity(one_process: Platform) -> AsyncIterator[Running]:
    """identity, with an agent in session and a convention, and nothing else."""
    async with anew(one_process) as running:
        yield running


@pytest.fixture
def people(identity: Running) -> People:
    """Who makes people there."""
    return People(identity)
