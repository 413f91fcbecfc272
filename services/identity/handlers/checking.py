"""Looking at a password, whatever for: a place first, one verification, and what came of it.

Every pathway goes through here with the identifiant of the account, so that all of them count
together.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from services.identity.domain import compte as comptes
from services.identity.domain.compte import Compte
from services.identity.domain.essais import Essai, Place, Refus
from services.identity.domain.identifiant import read_identifiant
from services.identity.metrics import ATTEMPTS
from services.identity.ports import Essais, Hasher
from shared.contracts.comptes import MotifEchec
from shared.errors import Unavailable
from shared.path.decision import Decision, Told

REFUSED = "refused"
"""In the result of a decision: the password opened nothing. A refusal would tell no fact."""


@dataclass(frozen=True)
class Attempt:
    """What was typed, for which account, from where; `against` is the hash to compare it with.

    `usable`: whether a right password would open anything. If not, it is one failure more: who
    holds a password that is worth nothing any more must not make guesses forgotten with it.
    """

    identifiant: str
    source: str
    password: str = field(repr=False)
    against: str | None = field(repr=False)
    usable: bool


class Checking:
    """Looks at passwords; takes as long when none is looked at."""

    def __init__(self, hasher: Hasher, essais: Essais) -> None:
        self._hasher = hasher
        self._essais = essais
        self._under_way: set[asyncio.Task[Essai]] = set()

    async def check(self, attempt: Attempt, now: datetime) -> Essai:
        """Whether a password is right, if it may be looked at.

        Raises `Unavailable` where too many wait, before a place is taken: an honest password that
        waits for longer than its loan would count as a failure.
        """
        self._hasher.check_room()
        place = await self._essais.take(read_identifiant(attempt.identifiant), attempt.source, now)
        if isinstance(place, Refus):
            if not place.waited:  # who waited has taken the time of a verification, or more
                await self._hasher.verify(attempt.password, None)
            ATTEMPTS.labels("retarde").inc()
            return Essai(right=False, looked_at=False, jusqua=place.jusqua)
        task = asyncio.create_task(self._look(attempt, place, now))
        self._under_way.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)  # who asked may be gone: the place is given back anyhow

    async def _look(self, attempt: Attempt, place: Place, now: datetime) -> Essai:
        try:
            right = await self._hasher.verify(attempt.password, attempt.against)
        except Unavailable:  # too many came while this one waited for its place
            await self._essais.leave(place)
            raise
        opens = right and attempt.usable
        ATTEMPTS.labels("ouvert" if opens else "refuse").inc()
        jusqua = await self._essais.give_back(place, right=opens, now=now)
        return Essai(right=right, looked_at=True, jusqua=jusqua)

    def _ended(self, task: asyncio.Task[Essai]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            task.exception()  # raised to whoever still waits


def failed(compte: Compte, essai: Essai, motif: MotifEchec, *, now: datetime) -> Decision:
    """A password that opened nothing: a fact if it was looked at, another if a delay is new.

    A delay is told by the first decision that meets it, be it that the one which started it was
    lost with its process.
    """
    told: list[Told] = []
    until, before = essai.jusqua, compte.bloque_jusqua
    if until is not None and (before is None or before < until):
        compte = compte.changed(bloque_jusqua=until)
        told.append(comptes.locked(compte, until, at=now))
    if essai.looked_at:
        told.insert(0, comptes.sign_in_failed(compte, motif, at=now))
    return Decision(writes=(compte,) if told else (), facts=tuple(told), result={REFUSED: "true"})
