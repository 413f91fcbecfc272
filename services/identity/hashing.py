"""Argon2id in threads, with a pepper that is not in the store.

By libsodium, which picks the widest vectors of the processor when it starts: the same hash as the
reference implementation, in about half the time.
"""

import asyncio
import base64
import hashlib
import hmac
import os
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from nacl.exceptions import CryptoError
from nacl.pwhash import argon2id

from services.identity.metrics import VERIFICATIONS

MEMORY_KIB, PASSES, LANES = 19_456, 2, 1
"""OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB, 2 passes, 1 lane at least.
libsodium knows one lane only."""
PARAMETERS = f"$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$"
"""How a hash of today begins."""
R = TypeVar("R")
_DUMMY = "nobody has this password"


class ArgonHasher:
    """Hashes passwords; as many threads as cores, for the work is pure computation."""

    def __init__(self, pepper: str) -> None:
        self._pepper = base64.b64decode(pepper, validate=True)
        self._threads = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="argon2")
        self._dummy = self._hash(_DUMMY)

    async def hash(self, password: str) -> str:
        """The hash to keep of a password."""
        return await self._in_thread(self._hash, password)

    async def verify(self, password: str, hash: str | None) -> bool:
        """Whether a password is the hashed one; without a hash, the same work and no."""
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
        """The same bytes however the keyboard composed it (NIST SP 800-63B §3.1.1.2, NFC)."""
        composed = unicodedata.normalize("NFC", password)
        typed = composed.encode(errors="surrogatepass")  # JSON can hold half a character
        return hmac.new(self._pepper, typed, hashlib.sha256).hexdigest().encode()

    async def _in_thread(self, work: Callable[..., R], *arguments: object) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
