"""Fixtures of notifications: one process of it, and its database that goes after the test."""

from collections.abc import AsyncIterator, Callable

import pytest

from deploy.local.mails import Mail, parse_mail
from deploy.local.servers import Servers
from deploy.local.smtp_sink import SmtpSink
from shared.ids import draw_id
from tests.notifications.running import Replica, replica


@pytest.fixture
async def process(servers: Servers, database_name: str) -> AsyncIterator[Replica]:
    """A process on a fresh database."""
    async with replica(servers.mongo, database_name) as running:
        yield running
        await running.store.client.drop_database(database_name)


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
