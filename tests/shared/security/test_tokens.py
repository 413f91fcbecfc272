"""Command tokens: made by identity for one actor and one topic, judged at a given moment."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from deploy.local.keys import public, signing_key
from shared.errors import Refusal
from shared.security.principal import ActorKind, Principal
from shared.security.tokens import (
    CLOCK_SKEW,
    ISSUER,
    LIFETIME,
    REMEMBERED,
    TokenAudience,
    TokenExpired,
    TokenInvalid,
    TokenIssuer,
    TokenMissing,
    TokenVerifier,
)

KEY, OTHER_KEY = signing_key(), signing_key()
MAKER = TokenIssuer(json.dumps(KEY))
AGENT = Principal(ActorKind.AGENT_CAF, "agent-1")
AUDIENCE = "mcp.identity.commands"
NOW = datetime(2026, 3, 2, 9, 15, tzinfo=UTC)


@pytest.fixture
def verifier() -> TokenVerifier:
    return TokenVerifier(json.dumps(MAKER.jwks))


def issued(principal: Principal = AGENT, audience: str = AUDIENCE, now: datetime = NOW) -> str:
    return f"Bearer {MAKER.issue(principal, audience=audience, now=now)}"


def claims(**changes: Any) -> dict[str, Any]:
    """The claims of a good token, some otherwise; None leaves one out."""
    made = {
        "iss": ISSUER,
        "sub": "agent-1",
        "kind": "agent_caf",
        "aud": AUDIENCE,
        "iat": int(NOW.timestamp()),
        "exp": int((NOW + LIFETIME).timestamp()),
        "jti": "j",
        **changes,
    }
    return {name: value for name, value in made.items() if value is not None}


def signed(payload: Any, key: dict[str, str] = KEY, **headers: Any) -> str:
    private = jwt.PyJWK(key, "EdDSA").key
    token = jwt.encode(payload, private, "EdDSA", headers={"kid": KEY["kid"], **headers})
    return f"Bearer {token}"


def b64(value: Any) -> str:
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def refused(
    verifier: TokenVerifier, authorization: str | None, at: datetime = NOW
) -> type[Refusal]:
    with pytest.raises(Refusal) as caught:
        verifier.verify(authorization, audience=AUDIENCE, at=at)
    return type(caught.value)


def hmac_with_public_key() -> str:
    """The classic confusion: an HMAC with the public key, which everybody has."""
    x = KEY["x"]
    head = b64({"alg": "HS256", "kid": KEY["kid"], "typ": "JWT"}) + "." + b64(claims())
    proof = hmac.new(x.encode(), head.encode(), hashlib.sha256).digest()
    return f"Bearer {head}.{b64(proof)}"


@pytest.mark.parametrize("kind", list(ActorKind))
def test_a_good_token_tells_its_actor_and_nothing_else(verifier: TokenVerifier, kind: ActorKind):
    principal = Principal(kind, "someone")
    assert verifier.verify(issued(principal), audience=AUDIENCE, at=NOW) == principal


def test_it_lives_five_minutes_and_not_a_second_more(verifier: TokenVerifier):
    token = issued()
    last = NOW + LIFETIME - timedelta(seconds=1)
    assert timedelta(minutes=5) == LIFETIME
    assert verifier.verify(token, audience=AUDIENCE, at=last) == AGENT
    assert refused(verifier, token, NOW + LIFETIME) is TokenExpired


def test_it_may_be_made_a_little_in_the_future(verifier: TokenVerifier):
    token = issued()
    assert verifier.verify(token, audience=AUDIENCE, at=NOW - CLOCK_SKEW) == AGENT
    early = NOW - CLOCK_SKEW - timedelta(seconds=1)
    assert refused(verifier, token, early) is TokenInvalid


def test_it_is_for_one_topic(verifier: TokenVerifier):
    assert refused(verifier, issued(audience="mcp.afas.commands")) is TokenAudience
    assert refused(verifier, signed(claims(aud=[AUDIENCE]))) is TokenAudience


@pytest.mark.parametrize("authorization", [None, ""])
def test_none_is_told_apart(verifier: TokenVerifier, authorization: str | None):
    assert refused(verifier, authorization) is TokenMissing


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer",
        "Bearer ",
        "Basic YTpi",
        "x.y.z",
        "Bearer x.y.z",
        "Bearer é.é.é",
        f"Bearer {b64({'alg': 'none'})}.{b64(claims())}.",
        f"Bearer {b64({'alg': 'none', 'kid': KEY['kid']})}.{b64(claims())}.",
        hmac_with_public_key(),
        signed(claims(), OTHER_KEY),
        signed(claims(), OTHER_KEY, kid=OTHER_KEY["kid"]),
        signed(claims(), OTHER_KEY, jwk=public(OTHER_KEY)),
        signed(claims(), OTHER_KEY, jku="https://attacker.example/keys"),
        signed(claims(), kid=""),
        signed(claims(), kid="../../etc/passwd"),
        signed(claims(iss="somebody")),
        signed(claims(kind="administrateur")),
        signed(claims(kind=None)),
        signed(claims(sub=None)),
        signed(claims(exp=None)),
        signed(claims(iat=None)),
        signed(claims(aud=None)),
        signed(claims(exp=int((NOW + LIFETIME).timestamp()) + 1)),
        f"Bearer {b64(b'[' * 5_000)}.{b64(claims())}.AA",
        f"Bearer {b64([1])}.{b64(claims())}.AA",
        f"Bearer {b64({'alg': 'EdDSA', 'kid': ['a']})}.{b64(claims())}.AA",
    ],
)
def test_a_forged_or_altered_token_is_refused(verifier: TokenVerifier, authorization: str):
    assert refused(verifier, authorization) is TokenInvalid


def test_a_changed_body_breaks_the_signature(verifier: TokenVerifier):
    head, _, proof = issued().split(".")
    assert refused(verifier, f"{head}.{b64(claims(sub='other'))}.{proof}") is TokenInvalid


def test_a_token_is_verified_once_and_judged_each_time(
    verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch
):
    token = issued()
    verifier.verify(token, audience=AUDIENCE, at=NOW)

    def decode(*_: Any, **__: Any) -> Any:
        raise AssertionError("verified again")

    monkeypatch.setattr(jwt, "decode", decode)
    assert verifier.verify(token, audience=AUDIENCE, at=NOW) == AGENT
    assert refused(verifier, token, NOW + LIFETIME) is TokenExpired


def test_what_is_remembered_is_bounded_and_never_a_forgery(verifier: TokenVerifier):
    for number in range(REMEMBERED + 5):
        verifier.verify(
            issued(Principal(ActorKind.SERVICE, str(number))), audience=AUDIENCE, at=NOW
        )
    assert len(verifier._remembered) == REMEMBERED
    before = len(verifier._remembered)
    refused(verifier, signed(claims(), OTHER_KEY))
    assert len(verifier._remembered) == before


def test_keys_that_rotate_are_known_side_by_side():
    newer = TokenIssuer(json.dumps(OTHER_KEY))
    both = {"keys": [*MAKER.jwks["keys"], *newer.jwks["keys"]]}
    verifier = TokenVerifier(json.dumps(both))
    for maker in (MAKER, newer):
        token = maker.issue(AGENT, audience=AUDIENCE, now=NOW)
        assert verifier.verify(f"Bearer {token}", audience=AUDIENCE, at=NOW) == AGENT


def test_what_is_published_of_a_signing_key_is_its_public_half():
    (key,) = MAKER.jwks["keys"]
    assert "d" not in key
    assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("OKP", "Ed25519", "EdDSA", "sig")
    assert (key["kid"], key["x"]) == (KEY["kid"], KEY["x"])


@pytest.mark.parametrize("error", [TokenMissing, TokenInvalid, TokenExpired, TokenAudience])
def test_each_refusal_is_401_with_a_sentence(error: type[Refusal]):
    assert error.status == 401
    assert error.sentence.endswith(".")
    assert str(error()) == error.code
