"""Sealed secrets: X25519 sealed boxes that anyone can close and only the recipient's key opens.

Keys are JSON Web Keys of RFC 8037 (`kty` OKP, `crv` X25519) with a `kid`; a sealed box says
nothing of who made it, so what it is bound to (person, generation, expiry) is inside.
"""

import base64
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

KEY_BYTES = 32
"""Length of an X25519 key (RFC 7748 §5)."""


class SealError(Exception):
    """A sealed secret cannot be opened; `code` says why, nothing says what was in it."""

    code = "seal_invalid"

    def __init__(self) -> None:
        super().__init__(self.code)


class UnknownSealingKey(SealError):
    """It was sealed to a key that is not among ours: too old, or not deployed yet."""

    code = "seal_key_unknown"


class SealBroken(SealError):
    """It was altered, cut, or is no sealed JSON object at all."""

    code = "seal_broken"


def seal(jwk_public: str, payload: Mapping[str, Any]) -> tuple[str, str]:
    """Seal a JSON object to a recipient's public key.

    Shapes:  (JWK, JSON object) -> (id of the key, base64 of the box: 48 bytes + the JSON)
    Raises:  ValueError when the key is not a public X25519 JWK with a `kid`
    """
    kid, box = _closing(jwk_public)
    plain = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    return kid, base64.b64encode(box.encrypt(plain)).decode()


class Opener:
    """Opens what was sealed to any of these private keys (a JWK Set, newest first)."""

    def __init__(self, jwk_set: str) -> None:
        keys = json.loads(jwk_set)["keys"]
        self._boxes = {_kid(key): SealedBox(_private(key)) for key in keys}
        if not keys or len(self._boxes) != len(keys):
            raise ValueError("sealing keys: none, or two with the same kid")
        self.newest = _kid(keys[0])

    def open(self, key_id: str, sealed: str) -> dict[str, Any]:
        """The JSON object that was sealed to the key of that id.

        Raises:  UnknownSealingKey, SealBroken
        """
        box = self._boxes.get(key_id)
        if box is None:
            raise UnknownSealingKey
        try:
            payload = json.loads(box.decrypt(base64.b64decode(sealed, validate=True)))
        except (CryptoError, ValueError, RecursionError):
            raise SealBroken from None  # the cause may quote what was sealed
        if not isinstance(payload, dict):
            raise SealBroken
        return payload


@lru_cache(maxsize=8)
def _closing(jwk_public: str) -> tuple[str, SealedBox[PublicKey]]:
    key = json.loads(jwk_public)
    return _kid(key), SealedBox(PublicKey(_bytes_of(key, "x")))


def _private(key: Mapping[str, Any]) -> PrivateKey:
    private = PrivateKey(_bytes_of(key, "d"))
    if bytes(private.public_key) != _bytes_of(key, "x"):
        raise ValueError("sealing key: its two halves do not belong together")
    return private


def _kid(key: Mapping[str, Any]) -> str:
    kid = key.get("kid")
    if key.get("kty") != "OKP" or key.get("crv") != "X25519" or not isinstance(kid, str) or not kid:
        raise ValueError("sealing key: not an X25519 JWK with a kid")
    return kid


def _bytes_of(key: Mapping[str, Any], member: str) -> bytes:
    text = str(key.get(member, ""))
    try:
        decoded = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        decoded = b""
    if len(decoded) != KEY_BYTES:
        raise ValueError(f"sealing key: member {member} is not {KEY_BYTES} bytes of base64url")
    return decoded
