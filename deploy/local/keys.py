"""The secrets of a local run: made once, kept in one file, handed out as environment variables."""

import base64
import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

SECRET_BYTES = 32
"""HMAC-SHA-256 keys as long as the digest (RFC 2104 §3)."""
OWNER_ONLY = 0o600

Jwk = dict[str, str]


@dataclass(frozen=True)
class KeyMaterial:
    """Every secret of one platform.

    `signing`: identity's Ed25519 key; `sealing`: notifications' X25519 keys, newest first
    (both JWK of RFC 8037, private); `hmac`: service → base64 of 32 bytes; `pepper`: the same.
    """

    signing: Jwk
    sealing: tuple[Jwk, ...]
    hmac: dict[str, str]
    pepper: str

    @classmethod
    def make(cls, services: Sequence[str]) -> Self:
        """Draw new keys for these services."""
        return cls(
            signing=signing_key(),
            sealing=(sealing_key(),),
            hmac={service: secret() for service in services},
            pepper=secret(),
        )

    @classmethod
    def load(cls, file: Path, services: Sequence[str]) -> Self:
        """The keys of `file`, made and written there if it does not exist.

        A platform that keeps its data must keep its keys: without them nobody signs in and no
        sealed credential opens.
        """
        if not file.exists():
            cls.make(services).save(file)
        kept = json.loads(file.read_text())
        kept["sealing"] = tuple(kept["sealing"])
        material = cls(**kept)
        missing = {service: secret() for service in services if service not in material.hmac}
        if missing:
            material.hmac.update(missing)
            material.save(file)
        return material

    def save(self, file: Path) -> None:
        """Write the keys, readable by their owner only."""
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY)
        with os.fdopen(descriptor, "w") as text:
            json.dump(asdict(self), text)

    def environment(self, service: str) -> dict[str, str]:
        """The variables of one service: only the secrets that this service holds."""
        prefix = service.upper()
        variables = {
            f"{prefix}_JWKS": json.dumps({"keys": [public(self.signing)]}),
            f"{prefix}_HMAC_KEY": self.hmac[service],
        }
        if service == "identity":
            variables |= {
                "IDENTITY_SIGNING_KEY": json.dumps(self.signing),
                "IDENTITY_PEPPER": self.pepper,
                "IDENTITY_SEALING_KEY": json.dumps(public(self.sealing[0])),
            }
        if service == "notifications":
            keys = json.dumps({"keys": list(self.sealing)})
            variables["NOTIFICATIONS_SEALING_KEYS"] = keys
        return variables


def signing_key() -> Jwk:
    """A new Ed25519 key pair as a JWK (RFC 8037 §2)."""
    key = Ed25519PrivateKey.generate()
    pair = key.public_key().public_bytes_raw(), key.private_bytes_raw()
    return _jwk("Ed25519", *pair) | {"use": "sig", "alg": "EdDSA"}


def sealing_key() -> Jwk:
    """A new X25519 key pair as a JWK (RFC 8037 §2)."""
    key = X25519PrivateKey.generate()
    pair = key.public_key().public_bytes_raw(), key.private_bytes_raw()
    return _jwk("X25519", *pair) | {"use": "enc"}


def public(key: Jwk) -> Jwk:
    """The JWK without its private part."""
    return {name: value for name, value in key.items() if name != "d"}


def secret() -> str:
    """32 random bytes in base64."""
    return base64.b64encode(os.urandom(SECRET_BYTES)).decode()


def _jwk(curve: str, x: bytes, d: bytes) -> Jwk:
    members = {"crv": curve, "kty": "OKP", "x": _base64url(x)}
    # the thumbprint names the key (RFC 7638 §3): members in order, no blanks
    digest = hashlib.sha256(json.dumps(members, separators=(",", ":")).encode()).digest()
    return {**members, "d": _base64url(d), "kid": _base64url(digest)}


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
