"""A service account proves who it is by a signed assertion, once, for its own topics."""

import json
import math
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import jwt
import pytest

from services.identity.domain.errors import ClientRefused, NameReserved
from services.identity.service_accounts import CompteDeService, authenticate, make_key, register
from shared.contracts.identity import SERVICE, CommandRefused
from shared.ids import draw_id
from shared.mongo.client import Store
from shared.mongo.unit_of_work import UnitOfWork
from shared.path.group import House
from shared.security.principal import ActorKind, Principal
from tests.identity.builders import NOW

NAME = "guichet"
AUDIENCE = "mcp.identity.commands"
MOMENT = int(NOW.timestamp())
Sign = Callable[..., str]


def reader(store: Store) -> UnitOfWork:
    return UnitOfWork(store, House(SERVICE, "test", CommandRefused), 5.0)


async def ask(
    store: Store, assertion: str, *, audience: str = AUDIENCE, now: datetime = NOW
) -> Principal:
    return await authenticate(store, reader(store), assertion, audience, now)


async def refused(store: Store, assertion: str, **more: Any) -> None:
    with pytest.raises(ClientRefused):
        await ask(store, assertion, **more)


def signed(key: dict[str, str], **changes: Any) -> str:
    """An assertion; a claim that is None is left out."""
    claims = {
        "iss": NAME,
        "sub": NAME,
        "aud": "mcp.identity",
        "iat": MOMENT,
        "exp": MOMENT + 300,
        "jti": draw_id(),
    } | changes
    present = {name: value for name, value in claims.items() if value is not None}
    return jwt.api_jws.encode(
        json.dumps(present).encode(), jwt.PyJWK(key, "EdDSA"), algorithm="EdDSA"
    )


@pytest.fixture
async def sign(store: Store) -> Sign:
    """Signs as the registered account does."""
    key = await register(store, NAME, (AUDIENCE,))
    return lambda **changes: signed(key, **changes)


async def test_good_assertion_is_the_account(store: Store, sign: Sign) -> None:
    assert await ask(store, sign()) == Principal(ActorKind.SERVICE, NAME)


async def test_same_assertion_opens_once(store: Store, sign: Sign) -> None:
    assertion = sign()
    await ask(store, assertion)
    await refused(store, assertion)
    await ask(store, sign(jti="same"))
    await refused(store, sign(jti="same", iat=MOMENT - 1))


async def test_topic_that_it_was_not_given_is_refused(store: Store, sign: Sign) -> None:
    await refused(store, sign(), audience="mcp.notifications.commands")
    await refused(store, sign(), audience="")


async def test_refused_request_uses_nothing_up(store: Store, sign: Sign) -> None:
    assertion = sign()
    await refused(store, assertion, audience="mcp.notifications.commands")
    await refused(store, assertion, now=NOW + timedelta(minutes=5))
    await ask(store, assertion)


@pytest.mark.parametrize(
    ("age_s", "good"), [(-61, False), (-60, True), (0, True), (299, True), (300, False)]
)
async def test_validity_is_judged_by_the_platforms_clock(
    store: Store, sign: Sign, age_s: int, good: bool
) -> None:
    now = NOW + timedelta(seconds=age_s)
    if good:
        assert (await ask(store, sign(), now=now)).id == NAME
    else:
        await refused(store, sign(), now=now)


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": MOMENT + 301},
        {"exp": MOMENT + 10**9},
        {"iss": "notifications"},
        {"sub": "notifications"},
        {"aud": "mcp.notifications"},
        {"exp": "soon"},
        {"iat": "now"},
        {"exp": [], "iat": {}},
        {"exp": math.nan},
        {"iat": math.nan},
        {"exp": math.inf},
        {"exp": 10**400},
        {"iat": -math.inf},
        {"jti": None},
        {"exp": None},
        {"iat": None},
        {"iss": None},
        {"sub": None},
        {"aud": None},
        {"sub": "\ud800"},
        {"sub": "$where"},
        {"sub": {"$ne": ""}},
        {"jti": {"$ne": ""}},
        {"jti": "\ud800"},
    ],
    ids=lambda changes: str(changes)[:40].encode("ascii", "replace").decode(),
)
async def test_assertion_that_is_not_as_the_rfc_says_is_refused(
    store: Store, sign: Sign, changes: dict[str, Any]
) -> None:
    await refused(store, sign(**changes))


async def test_other_key_is_refused_and_a_renewed_one_replaces_it(store: Store, sign: Sign) -> None:
    stranger, _ = make_key()
    await refused(store, signed(stranger))
    old = sign()
    renewed = await register(store, NAME, (AUDIENCE,))
    await refused(store, old)
    assert (await ask(store, signed(renewed))).id == NAME


async def test_unsigned_or_symmetric_assertion_is_refused(store: Store, sign: Sign) -> None:
    claims = jwt.decode(sign(), options={"verify_signature": False})
    account = await reader(store).load(CompteDeService.key_of(NAME))
    assert account is not None
    await refused(store, jwt.encode(claims, "", algorithm="none"))
    shared_secret = account.cle_publique["x"].ljust(64, "=")
    await refused(store, jwt.encode(claims, shared_secret, algorithm="HS256"))


@pytest.mark.parametrize("assertion", ["", "a", "a.b.c", "é.é.é", "." * 10, "\ud800"])
async def test_what_is_no_assertion_is_refused(store: Store, sign: Sign, assertion: str) -> None:
    await refused(store, assertion)


async def test_private_key_is_kept_nowhere(store: Store) -> None:
    key = await register(store, NAME, (AUDIENCE,))
    row = await store.collection(CompteDeService.COLLECTION).find_one({"_id": NAME})
    assert row is not None
    assert key["d"] not in str(row)
    assert row["cle_publique"]["x"] == key["x"]


@pytest.mark.parametrize("name", ["identity", "notifications", "platform", "Capitale", "a b", ""])
async def test_account_never_has_the_name_of_a_service_or_an_odd_one(
    store: Store, name: str
) -> None:
    with pytest.raises(NameReserved):
        await register(store, name, (AUDIENCE,))
