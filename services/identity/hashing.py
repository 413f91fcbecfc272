"""Argon2id in threads, with a pepper that is not in the store."""

import asyncio
import base64
import hashlib
import hmac
import os
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from services.identity.metrics import VERIFICATIONS

MEMORY_KIB, PASSES, LANES = 19_456, 2, 1
"""OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB, 2 passes, 1 lane at least."""
R = TypeVar("R")
_DUMMY = "nobody has this password"


class ArgonHasher:
    """Hashes passwords; as many threads as cores, for the work is pure computation."""

    def __init__(self, pepper: str) -> None:
        self._pepper = base64.b64decode(pepper, validate=True)
        self._argon = PasswordHasher(PASSES, MEMORY_KIB, LANES, type=Type.ID)
        self._threads = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="argon2")
        self._dummy = self._argon.hash(self._peppered(_DUMMY))

    async def hash(self, password: str) -> str:
        """The hash to keep of a password."""
        return await self._in_thread(self._argon.hash, self._peppered(password))

    async def verify(self, password: str, hash: str | None) -> bool:
        """Whether a password is the hashed one; without a hash, the same work and no."""
        VERIFICATIONS.labels("personne" if hash is None else "compte").inc()
        verified = await self._in_thread(self._verify, hash or self._dummy, password)
        return verified and hash is not None

    def is_outdated(self, hash: str) -> bool:
        """Whether a hash was made with other parameters than those of today."""
        return self._argon.check_needs_rehash(hash)

    def _verify(self, hash: str, password: str) -> bool:
        try:
            return self._argon.verify(hash, self._peppered(password))
        except (VerificationError, InvalidHashError):
            return False

    def _peppered(self, password: str) -> bytes:
        """The same bytes however the keyboard composed it (NIST SP 800-63B §3.1.1.2, NFC)."""
        composed = unicodedata.normalize("NFC", password)
        typed = composed.encode(errors="surrogatepass")  # JSON can hold half a character
        return hmac.new(self._pepper, typed, hashlib.sha256).hexdigest().encode()

    async def _in_thread(self, work: Callable[..., R], *arguments: object) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
