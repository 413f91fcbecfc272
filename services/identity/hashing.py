"""Argon2id in threads, with a pepper that is not in the store.

By libsodium, which picks the widest vectors of the processor when it starts: the same hash as the
reference implementation, in about half the time.
"""

import asyncio
import base64
import hashlib
import hmac
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from nacl.exceptions import CryptoError
from nacl.pwhash import argon2id

from services.identity.domain.mot_de_passe import composed
from services.identity.metrics import VERIFICATIONS
from shared.errors import Unavailable

MEMORY_KIB, PASSES, LANES = 19_456, 2, 1
"""OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB, 2 passes, 1 lane at least.
libsodium knows one lane only."""
PARAMETERS = f"$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$"
"""How a hash of today begins."""
MOST_PER_THREAD = 100
"""Passwords that wait for one thread, at most: 2 s of work at 20 ms each (reliability G-24, [M]).
With the 5 s that an attempt may have waited for its place that is less than the 8 s of an answer,
and a loan of 10 s never ends while its password waits for a thread of a living process."""
R = TypeVar("R")
_DUMMY = "nobody has this password"


class ArgonHasher:
    """Hashes passwords; as many threads as cores, for the work is pure computation."""

    def __init__(self, pepper: str) -> None:
        self._pepper = base64.b64decode(pepper, validate=True)
        threads = os.cpu_count() or 1
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="argon2")
        self._most, self._waiting = threads * MOST_PER_THREAD, 0
        self._dummy = self._hash(_DUMMY)

    def check_room(self) -> None:
        """Raise `Unavailable` while as many passwords as may wait for the threads already do."""
        if self._waiting >= self._most:
            raise Unavailable

    async def hash(self, password: str) -> str:
        """The hash to keep of a password. Raises `Unavailable` where too many wait."""
        return await self._in_thread(self._hash, password)

    async def verify(self, password: str, hash: str | None) -> bool:
        """Whether a password is the hashed one; without a hash, the same work and no.

        Raises `Unavailable` where too many wait.
        """
        self.check_room()
        VERIFICATIONS.labels("personne" if hash is None else "compte").inc()
        verified = await self._in_thread(self._verify, hash or self._dummy, password)
        return verified and hash is not None

    def is_outdated(self, hash: str) -> bool:
        """Whether a hash was made with other parameters than those of today."""
        return not hash.startswith(PARAMETERS)

    def _hash(self, password: str) -> str:
        return argon2id.str(self._peppered(password), PASSES, MEMORY_KIB * 1024).decode()

    def _verify(self, hash: str, password: str) -> bool:
        try:
            return argon2id.verify(hash.encode(), self._peppered(password))
        except CryptoError:  # wrong, or no hash at all
            return False

    def _peppered(self, password: str) -> bytes:
        """The same bytes however the keyboard composed it."""
        typed = composed(password).encode(errors="surrogatepass")  # JSON can hold half a character
        return hmac.new(self._pepper, typed, hashlib.sha256).hexdigest().encode()

    async def _in_thread(self, work: Callable[..., R], *arguments: object) -> R:
        self.check_room()
        work_done = asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
        self._waiting += 1
        work_done.add_done_callback(self._done)
        return await work_done

    def _done(self, _: asyncio.Future[R]) -> None:
        self._waiting -= 1
