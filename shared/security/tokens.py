"""Command tokens: Ed25519 JWTs that identity makes for one actor, one audience and five minutes."""

import json
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

import jwt

from shared.errors import Refusal
from shared.ids import draw_id
from shared.security.principal import ActorKind, Principal

ISSUER = "mcp.identity"
ALGORITHM = "EdDSA"
LIFETIME = timedelta(minutes=5)
"""Longest validity of a command token (ADR-0003)."""
CLOCK_SKEW = timedelta(seconds=60)
"""How far in the future a token may have been made (assumed)."""
REMEMBERED = 2_048
"""Verified tokens kept, so that each is verified once (assumed)."""


def http_audience(service: str) -> str:
    """The audience of the tokens that open the HTTP door of a service (ADR-0020)."""
    return f"mcp.{service}.http"


class TokenMissing(Refusal):
    """No token came with the command."""

    code: ClassVar[str] = "jeton_absent"
    sentence: ClassVar[str] = "Cette demande ne dit pas qui la fait : le jeton est absent."
    status: ClassVar[int] = 401


class TokenInvalid(Refusal):
    """The token was not made by identity, or was altered."""

    code: ClassVar[str] = "jeton_invalide"
    sentence: ClassVar[str] = "Le jeton de cette demande n’est pas valable."
    status: ClassVar[int] = 401


class TokenExpired(Refusal):
    """The token is too old."""

    code: ClassVar[str] = "jeton_expire"
    sentence: ClassVar[str] = "Le jeton de cette demande a expiré : demandez-en un nouveau."
    status: ClassVar[int] = 401


class TokenAudience(Refusal):
    """The token was made for somebody else."""

    code: ClassVar[str] = "jeton_autre_destinataire"
    sentence: ClassVar[str] = "Le jeton de cette demande a été fait pour un autre destinataire."
    status: ClassVar[int] = 401


@dataclass(frozen=True, slots=True)
class _Claims:
    principal: Principal
    audience: str
    issued_at: float
    expires_at: float


class TokenVerifier:
    """Verifies command tokens with identity's public keys; keeps only the principal."""

    def __init__(self, jwks: str) -> None:
        keys = json.loads(jwks)["keys"]
        self._keys = {key["kid"]: jwt.PyJWK(key, ALGORITHM) for key in keys}
        self._remembered: OrderedDict[str, _Claims] = OrderedDict()

    def verify(self, authorization: str | None, *, audience: str, at: datetime) -> Principal:
        """The actor of a command, from its `authorization` header, judged at a given moment.

        Raises one of the token refusals.
        """
        if not authorization:
            raise TokenMissing
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise TokenInvalid
        claims = self._claims(token)
        if claims.audience != audience:
            raise TokenAudience
        moment = at.timestamp()
        if moment >= claims.expires_at:
            raise TokenExpired
        if claims.issued_at > moment + CLOCK_SKEW.total_seconds():
            raise TokenInvalid
        return claims.principal

    def _claims(self, token: str) -> _Claims:
        claims = self._remembered.get(token)
        if claims is None:
            claims = self._read(token)
            self._remembered[token] = claims
            if len(self._remembered) > REMEMBERED:
                self._remembered.popitem(last=False)
        return claims

    def _read(self, token: str) -> _Claims:
        try:
            key = self._keys[str(jwt.get_unverified_header(token).get("kid"))]
            payload = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                issuer=ISSUER,
                options={
                    "require": ["exp", "iat", "aud", "sub", "iss"],
                    "verify_exp": False,  # judged at the moment the broker appended the record
                    "verify_iat": False,
                    "verify_aud": False,  # told apart from a forgery
                },
            )
            claims = _Claims(
                Principal(ActorKind(payload["kind"]), str(payload["sub"])),
                str(payload["aud"]),
                float(payload["iat"]),
                float(payload["exp"]),
            )
        except (jwt.PyJWTError, KeyError, ValueError, TypeError) as error:
            raise TokenInvalid from error
        if claims.expires_at - claims.issued_at > LIFETIME.total_seconds():
            raise TokenInvalid
        return claims


class TokenIssuer:
    """Makes command tokens; only identity holds the private key."""

    def __init__(self, signing_key: str) -> None:
        document = json.loads(signing_key)
        self._kid = document["kid"]
        self._key = jwt.PyJWK(document, ALGORITHM).key
        public = {name: value for name, value in document.items() if name != "d"}
        self.jwks: dict[str, Any] = {"keys": [{**public, "use": "sig", "alg": ALGORITHM}]}

    def issue(self, principal: Principal, *, audience: str, now: datetime) -> str:
        """A token for one actor and one audience, valid five minutes from now."""
        payload = {
            "iss": ISSUER,
            "sub": principal.id,
            "kind": principal.kind.value,
            "aud": audience,
            "iat": int(now.timestamp()),
            "exp": int((now + LIFETIME).timestamp()),
            "jti": draw_id(),
        }
        return jwt.encode(payload, self._key, algorithm=ALGORITHM, headers={"kid": self._kid})
