"""Fixtures of notifications: one process of it, and its database that is empty for each test."""

from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from deploy.local.mails import Mail, parse_mail
from deploy.local.servers import Servers
from deploy.local.smtp_sink import SmtpSink
from services.notifications.migrations import MIGRATIONS
from shared.contracts.notifications import SERVICE
from shared.ids import draw_id
from tests.harness.platform import Platform, standing
from tests.harness.stores import emptied, migrated
from tests.notifications.running import Replica, replica


@pytest.fixture(scope="session")
def notifications_database(session_servers: Servers) -> Iterator[str]:
    """The name of a database that is migrated once: that costs more than a test."""
    with migrated(session_servers.mongo, SERVICE, MIGRATIONS) as name:
        yield name


@pytest.fixture
async def process(servers: Servers, notifications_database: str) -> AsyncIterator[Replica]:
    """A process on an empty database."""
    async with (
        emptied(servers.mongo, notifications_database, SERVICE),
        replica(servers.mongo, notifications_database) as running,
    ):
        yield running


@pytest.fixture(scope="module")
def one_process(session_servers: Servers) -> Iterator[Platform]:
    """The service, for the tests of a module that leave its clock alone, one after the other."""
    with standing(Platform(session_servers, (SERVICE,))) as platform:
        yield platform


@pytest.fixture
async def platform(servers: Servers, one_process: Platform) -> AsyncIterator[Platform]:
    """The service as if just started."""
    await one_process.begin_again()
    yield one_process
    await one_process.hang_up()


@pytest.fixture
def person() -> str:
    """Somebody whom no other test writes to: the sink is shared."""
    return f"p{draw_id()[:8]}"


@pytest.fixture
def sink(servers: Servers) -> SmtpSink:
    assert servers.sink is not None
    return servers.sink


@pytest.fixture
def inbox(sink: SmtpSink, person: str) -> Callable[[], list[Mail]]:
    """The mails to this person, or to several whose names begin so."""
    before = sink.count()
    return lambda: [
        mail
        for mail in map(parse_mail, sink.mails(before))
        if mail.recipients[0].startswith(person)
    ]
