"""Command tokens, for people and for service accounts."""

from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Request

from services.identity.domain.errors import ClientRefused
from services.identity.forms import jetons as forms
from services.identity.service_accounts import authenticate
from services.identity.sessions import Actor, Sessions
from shared.runtime import Runtime
from shared.security.principal import Principal
from shared.security.tokens import LIFETIME, TokenIssuer

EXPECTED = {
    "grant_type": "client_credentials",
    "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
}
"""RFC 7523 §2.2: how a service account shows its assertion."""


def add_jetons(
    router: APIRouter, runtime: Runtime, issuer: TokenIssuer, sessions: Sessions
) -> None:
    """Add the routes of tokens."""

    def given(principal: Principal, audience: str) -> forms.TokenGiven:
        token = issuer.issue(principal, audience=audience, now=runtime.clock.now())
        return forms.TokenGiven(access_token=token, expires_in=int(LIFETIME.total_seconds()))

    @router.post("/tokens", tags=["jetons"])
    async def give_token(
        form: forms.TokenForm, actor: Annotated[Actor, Depends(sessions.full)]
    ) -> forms.TokenGiven:
        """Obtenir un jeton pour un topic de commandes, ou pour la porte HTTP d’un service."""
        return given(actor.principal, form.audience)

    @router.post("/oauth/token", tags=["jetons"])
    async def give_service_token(request: Request) -> forms.TokenGiven:
        """Obtenir un jeton pour un compte de service (client_credentials, private_key_jwt)."""
        form = parse_qs((await request.body()).decode(errors="replace"))
        asked = {name: values[0] for name, values in form.items()}
        if any(asked.get(name) != value for name, value in EXPECTED.items()):
            raise ClientRefused
        audience, assertion = asked.get("audience", ""), asked.get("client_assertion", "")
        principal = await authenticate(
            runtime.store, runtime.reader, assertion, audience, runtime.clock.now()
        )
        return given(principal, audience)

    @router.get("/.well-known/jwks.json", tags=["jetons"])
    async def jwks() -> dict[str, Any]:
        """Les clés publiques des jetons."""
        return issuer.jwks
