"""What the use cases of identity need from the outside."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from services.identity.domain.essais import Place, Refus


class Hasher(Protocol):
    """Hashes and verifies passwords, in threads, never on the event loop."""

    def check_room(self) -> None:
        """Raise `Unavailable` while too many passwords wait to be looked at."""

    async def hash(self, password: str) -> str:
        """The hash to keep of a password. Raises `Unavailable` where too many wait."""

    async def verify(self, password: str, hash: str | None) -> bool:
        """Whether a password is the hashed one; without a hash, the same work and no.

        Raises `Unavailable` where too many wait.
        """

    def is_outdated(self, hash: str) -> bool:
        """Whether a hash was made with other parameters than those of today."""


class Essais(Protocol):
    """Gives out the places without which no password is looked at (domain/essais.py)."""

    async def take(self, identifiant: str, source: str, now: datetime) -> Place | Refus:
        """A place for one attempt on an account, waiting for one if others hold them all.

        Raises `Unavailable` when they hold them for too long.
        """

    async def give_back(self, place: Place, *, right: bool, now: datetime) -> datetime | None:
        """Tell what came of it, once; returns the end of the account's delay, if there is one."""

    async def leave(self, place: Place) -> None:
        """Give back a place that no password was looked at in: it counts for nothing."""


class Captchas(Protocol):
    """Knows the challenges that were given out (domain/captcha.py)."""

    async def answer(self, id: str, typed: str, now: datetime) -> bool:
        """Whether that is the answer; a challenge is answered once, right or wrong."""


class Robustesse(Protocol):
    """Estimates how easily a password is guessed, in a thread, never on the event loop."""

    async def score(self, password: str, words: Sequence[str]) -> int:
        """From 0 (at once) to 4, these words being known to who guesses."""


class Sealer(Protocol):
    """Seals what only notifications may read."""

    def seal(self, payload: dict[str, str | int]) -> tuple[str, str]:
        """The id of the key and the sealed payload."""
