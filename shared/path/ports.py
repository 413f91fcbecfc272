"""What the committer needs from the outside: a transaction, and someone who publishes."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Protocol

from shared.path.decision import Reader
from shared.path.work import Outcome, Row, Work


class Committed(Protocol):
    """What one transaction did: outcomes in the order of the messages, rows to publish now."""

    @property
    def outcomes(self) -> list[Outcome]:
        """What became of each message."""

    @property
    def rows(self) -> list[Row]:
        """Pending and new rows of the aggregates touched, in order per aggregate."""


class Memory(Reader, Protocol):
    """What was committed so far."""

    async def known_of(self, inbox_ids: Iterable[str]) -> set[str]:
        """Which of these messages are known."""


class Attempts(Reader, Protocol):
    """One attempt = one transaction; outside of any, what was committed can be read."""

    async def attempt(self, works: Sequence[Work]) -> Committed:
        """Decide and write these messages together, or nothing at all."""


class Publishing(Protocol):
    """Takes rows on their way out, in the order given."""

    def add(self, rows: Sequence[Row]) -> asyncio.Future[None]:
        """Queue what is not queued yet; the future is done when all of them are acknowledged."""


class Faults(Protocol):
    """Tells a message's fault from a dependency's, in the words of the store at hand."""

    def is_transient(self, error: BaseException) -> bool:
        """Whether trying the same again may succeed: anything but the message's fault."""

    def is_conflict(self, error: BaseException) -> bool:
        """Whether another writer was faster."""

    def is_for_fewer(self, error: BaseException) -> bool:
        """Whether fewer messages at once may pass: a conflict, or a missed deadline."""
