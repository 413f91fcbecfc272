"""What the sender needs from outside: the process that it runs in, and a mail server."""

from dataclasses import dataclass, field
from typing import Protocol

from services.notifications.domain.tentative import Result
from shared.clock import Clock
from shared.mongo.client import Store
from shared.path.decision import M, P, UseCase
from shared.path.work import Outcome
from shared.security.principal import Principal


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail ready to go: envelope and content. Holds a secret: never kept, logged or shown."""

    sender: str
    recipient: str = field(repr=False)
    content: bytes = field(repr=False)

    @property
    def destination(self) -> str:
        """Where its recipient's mails are taken in: the domain of the address."""
        return self.recipient.rpartition("@")[2].lower()


class MailServer(Protocol):
    """Where mails are handed over."""

    async def send(self, letter: Letter, timeout_s: float) -> Result:
        """Hand over one mail within a bound; whatever happens is one of the three results."""

    async def close(self) -> None:
        """Take leave of the server."""


class Process(Protocol):
    """What a running process of this service offers (`shared.runtime.Runtime`)."""

    @property
    def store(self) -> Store:
        """The store of the service."""

    @property
    def clock(self) -> Clock:
        """The clock of the platform."""

    async def decide(
        self,
        use_case: UseCase[M, P],
        message: M,
        *,
        principal: Principal,
        message_id: str,
    ) -> Outcome:
        """Have an internal command decided and committed with those that wait; id = inbox id."""
