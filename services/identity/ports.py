"""What the use cases of identity need from the outside."""

from typing import Protocol


class Hasher(Protocol):
    """Hashes and verifies passwords, in threads, never on the event loop."""

    async def hash(self, password: str) -> str:
        """The hash to keep of a password."""

    async def verify(self, password: str, hash: str | None) -> bool:
        """Whether a password is the hashed one; without a hash, the same work and no."""


class Sealer(Protocol):
    """Seals what only notifications may read."""

    def seal(self, payload: dict[str, str | int]) -> tuple[str, str]:
        """The id of the key and the sealed payload."""
