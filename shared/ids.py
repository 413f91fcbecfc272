"""Identifiers: derived ones say the same thing twice as one, drawn ones are unguessable."""

import hashlib
import secrets


def derive_id(*parts: str) -> str:
    """An id that depends on its parts only (32 hexadecimal digits, BLAKE2b)."""
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).hexdigest()


def draw_id() -> str:
    """A fresh random id (32 hexadecimal digits)."""
    return secrets.token_hex(16)
