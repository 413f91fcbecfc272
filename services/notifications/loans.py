"""The mails that a process has borrowed and not yet tried: those of no campaign go first."""

import asyncio
from dataclasses import dataclass
from itertools import count
from typing import NamedTuple

from services.notifications.domain.destinataire import Connus
from services.notifications.domain.envoi import Envoi

END = 2
"""Where a worker's end stands in line: behind every mail."""


@dataclass(frozen=True, slots=True)
class Loan:
    """A mail in hand, and the event loop's moment after which it must not be tried any more."""

    envoi: Envoi
    connus: Connus
    token: str
    start_before: float

    @property
    def of_campaign(self) -> bool:
        """Whether it lets the others go before it."""
        return self.envoi.campagne_id is not None


class _Place(NamedTuple):
    rank: int
    number: int
    loan: Loan | None


class Line:
    """Who goes next: the mails of no campaign, then those of one, each as they were borrowed."""

    def __init__(self) -> None:
        self._queue: asyncio.PriorityQueue[_Place] = asyncio.PriorityQueue()
        self._numbers = count()
        self._campaigns = 0

    def __len__(self) -> int:
        return self._queue.qsize()

    @property
    def of_no_campaign(self) -> int:
        """How many in line are of no campaign."""
        return self._queue.qsize() - self._campaigns

    def put(self, loan: Loan) -> None:
        """Stand in line."""
        self._campaigns += loan.of_campaign
        self._queue.put_nowait(_Place(int(loan.of_campaign), next(self._numbers), loan))

    def end(self) -> None:
        """Have one `get` answer None, once no mail is in line."""
        self._queue.put_nowait(_Place(END, next(self._numbers), None))

    async def get(self) -> Loan | None:
        """The next one, when there is one; None at the end."""
        return self._taken(await self._queue.get())

    def take_all(self) -> list[Loan]:
        """Everybody in line, who thereby leaves it."""
        loans: list[Loan] = []
        while not self._queue.empty():
            loan = self._taken(self._queue.get_nowait())
            if loan is not None:
                loans.append(loan)
        return loans

    def _taken(self, place: _Place) -> Loan | None:
        if place.loan is not None:
            self._campaigns -= place.loan.of_campaign
        return place.loan
