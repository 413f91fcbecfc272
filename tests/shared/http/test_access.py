"""A door opens to tokens that identity made for it, and to nothing else (ADR-0020)."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import Request
from fastapi.security import HTTPAuthorizationCredentials

from deploy.local.keys import signing_key
from shared.clock import Clock
from shared.contracts.topics import commands_topic
from shared.errors import Refusal
from shared.http.access import Access
from shared.security.principal import ActorKind, Principal
from shared.security.tokens import (
    LIFETIME,
    TokenAudience,
    TokenExpired,
    TokenInvalid,
    TokenIssuer,
    TokenMissing,
    http_audience,
)

MAKER, STRANGER = (TokenIssuer(json.dumps(signing_key())) for _ in range(2))
ADMIN = Principal(ActorKind.PARTENAIRE, "admin")
OWN = http_audience("habilitation")
DOOR = Access(json.dumps(MAKER.jwks), Clock(), "habilitation")


def asked() -> Request:
    """A request that nobody is known to make yet."""
    return Request({"type": "http"})


def shown(
    audience: str = OWN,
    *,
    scheme: str = "Bearer",
    by: TokenIssuer = MAKER,
    age: timedelta | None = None,
) -> HTTPAuthorizationCredentials:
    """What a request shows."""
    made = datetime.now(UTC) - (age or timedelta())
    token = by.issue(ADMIN, audience=audience, now=made)
    return HTTPAuthorizationCredentials(scheme=scheme, credentials=token)


async def test_token_for_this_door_tells_who_asks() -> None:
    for scheme in ("Bearer", "bearer"):
        request = asked()
        assert await DOOR.principal(request, shown(scheme=scheme)) == ADMIN
        assert request.state.admis[0] == ADMIN


@pytest.mark.parametrize(
    ("request_shows", "refusal"),
    [
        (lambda: None, TokenMissing),
        (lambda: shown(commands_topic("habilitation")), TokenAudience),
        (lambda: shown(http_audience("identity")), TokenAudience),
        (lambda: shown(http_audience("cdap")), TokenAudience),
        (lambda: shown(by=STRANGER), TokenInvalid),
        (lambda: shown(scheme="Basic"), TokenInvalid),
        (
            lambda: HTTPAuthorizationCredentials(scheme="Bearer", credentials="a-session"),
            TokenInvalid,
        ),
        (lambda: shown(age=LIFETIME), TokenExpired),
        (lambda: shown(age=-timedelta(minutes=2)), TokenInvalid),
    ],
)
async def test_anything_else_is_refused(
    request_shows: Callable[[], HTTPAuthorizationCredentials | None], refusal: type[Refusal]
) -> None:
    """Made when the test runs: a token made when tests are collected is minutes older by then."""
    request, token = asked(), request_shows()
    with pytest.raises(refusal):
        await DOOR.principal(request, token)
    assert not hasattr(request.state, "admis")


async def test_age_is_judged_by_the_clock_of_the_platform() -> None:
    tomorrow = Access(json.dumps(MAKER.jwks), Clock(timedelta(days=1)), "habilitation")
    with pytest.raises(TokenExpired):
        await tomorrow.principal(asked(), shown())
