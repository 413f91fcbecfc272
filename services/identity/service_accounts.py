"""Service accounts: other systems, known by a public key, that get command tokens (RFC 7523)."""

import json
import re
from datetime import datetime
from typing import Any, ClassVar

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

from services.identity.domain.errors import ClientRefused, NameReserved
from services.identity.store import use_assertion
from shared.contracts.topics import TOPICS
from shared.ids import derive_id, draw_id
from shared.mongo.client import Store
from shared.mongo.documents import to_row
from shared.mongo.unit_of_work import UnitOfWork
from shared.path.decision import Document
from shared.security.principal import ActorKind, Principal
from shared.security.tokens import ALGORITHM, ISSUER, LIFETIME

_NAME = re.compile(r"[a-z][a-z0-9-]{1,63}")


class CompteDeService(Document):
    """A system that may ask for command tokens, and for which topics."""

    COLLECTION: ClassVar[str] = "comptes_de_service"

    cle_publique: dict[str, str]
    audiences: tuple[str, ...]


def make_key() -> tuple[dict[str, str], dict[str, str]]:
    """A new Ed25519 key: the private and the public JSON Web Key."""
    kid = draw_id()
    private: dict[str, str] = json.loads(OKPAlgorithm.to_jwk(Ed25519PrivateKey.generate()))
    private = {**private, "kid": kid, "alg": ALGORITHM, "use": "sig"}
    public = {name: value for name, value in private.items() if name not in {"d", "key_ops"}}
    return private, public


OURS = frozenset(topic.owner for topic in TOPICS.values())
"""The services of the platform act as themselves: no account may have the name of one."""


async def register(store: Store, name: str, audiences: tuple[str, ...]) -> dict[str, str]:
    """Make or renew a service account; returns its private key, which is kept nowhere.

    Raises `NameReserved` for the name of a service of the platform, or for one that is no id.
    """
    if name in OURS or not _NAME.fullmatch(name):
        raise NameReserved
    private, public = make_key()
    account = CompteDeService(id=name, cle_publique=public, audiences=audiences)
    await store.collection(CompteDeService.COLLECTION).replace_one(
        {"_id": name}, to_row(account), upsert=True
    )
    return private


async def authenticate(
    store: Store, reader: UnitOfWork, assertion: str, audience: str, now: datetime
) -> Principal:
    """The service account that made an assertion and may write to that topic.

    An assertion is an EdDSA JWT: iss = sub = the account, aud = the issuer, a `jti` used once,
    five minutes at most. Raises `ClientRefused`.
    """
    try:
        name = str(jwt.decode(assertion, options={"verify_signature": False})["sub"])
        account = await reader.load(CompteDeService.key_of(name))
        if account is None or name in OURS or audience not in account.audiences:
            raise ClientRefused
        claims = _verified(assertion, account)
        made, ends = float(claims["iat"]), float(claims["exp"])
        used = derive_id("assertion", name, claims["jti"])
    except (jwt.PyJWTError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise ClientRefused from error  # what it holds may be of any type, in any encoding
    too_long = ends - made > LIFETIME.total_seconds()
    if claims["iss"] != name or too_long or not made - 60 <= now.timestamp() < ends:
        raise ClientRefused
    if not await use_assertion(store, used, now):
        raise ClientRefused
    return Principal(ActorKind.SERVICE, name)


def _verified(assertion: str, account: CompteDeService) -> dict[str, Any]:
    return jwt.decode(
        assertion,
        jwt.PyJWK(account.cle_publique, ALGORITHM),
        algorithms=[ALGORITHM],
        audience=ISSUER,
        options={
            "require": ["exp", "iat", "iss", "sub", "aud", "jti"],
            "verify_exp": False,  # judged by the platform's clock, which tests may move
            "verify_iat": False,
        },
    )
