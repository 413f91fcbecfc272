"""A sender that runs during a test, to a real mail server or to one in the test's hand."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from deploy.local.smtp_sink import SmtpSink
from services.notifications.clients.smtp import SmtpServer
from services.notifications.domain.envoi import Envoi, EtatEnvoi
from services.notifications.domain.tentative import Accepted, Result
from services.notifications.ports import Letter
from services.notifications.sender import Sender
from shared.mongo.client import StoreError
from tests.harness.polling import eventually
from tests.notifications.letters import CORRESPONDENCE
from tests.notifications.running import Replica, settings_of

DEADLINE_S = 15


@asynccontextmanager
async def sending(process: Any, server: Any, **own: Any) -> AsyncIterator[asyncio.Task[None]]:
    """A sender that runs meanwhile."""
    settings = settings_of("mongodb://localhost", "none", **own)
    sender = Sender(process, server, CORRESPONDENCE, settings)
    task = asyncio.create_task(sender.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def to(sink: SmtpSink) -> SmtpServer:
    """The client of a sink."""
    return SmtpServer(sink.address, starttls=False, connections=4)


async def reached(process: Replica, id: str, *states: EtatEnvoi) -> Envoi:
    """The mail, once it is in one of these states."""

    async def there() -> Envoi | None:
        mail = await process.mail(id)
        return mail if mail.etat in states else None

    found: Envoi | None = await eventually(there, DEADLINE_S, f"mail is {states}")
    assert found is not None
    return found


async def all_sent(process: Replica, ids: list[str], deadline_s: float = DEADLINE_S) -> None:
    """Wait until all the mails of the store are sent: these."""

    async def sent() -> bool:
        return await process.count(EtatEnvoi.ENVOYE) == len(ids)

    await eventually(sent, deadline_s, "all mails are sent", ignoring=(StoreError,))


class Slow:
    """A mail server that takes its time, or as long as the test wants."""

    def __init__(self, seconds: float = 0.0, *, open_at_once: bool = True) -> None:
        self.sent: list[tuple[Letter, float]] = []
        self.answer = asyncio.Event()
        self._seconds = seconds
        if open_at_once:
            self.answer.set()

    async def send(self, letter: Letter, timeout_s: float) -> Result:
        """Take the mail, some time later."""
        self.sent.append((letter, timeout_s))
        await asyncio.sleep(self._seconds)
        await self.answer.wait()
        return Accepted()

    async def close(self) -> None:
        """Nothing to close."""
