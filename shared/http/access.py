"""Who a request is from, at the HTTP door of a service that keeps no sessions (ADR-0020).

Sessions are identity's. Elsewhere a person shows a token that identity made, in his session, for
that one HTTP door; a command token opens none, nor does this one open a command topic.
"""

from typing import Annotated

from fastapi import Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from shared.clock import Clock
from shared.http.acces_refuses import admit
from shared.security.principal import Principal
from shared.security.tokens import TokenMissing, TokenVerifier, http_audience

BEARER = HTTPBearer(
    scheme_name="acces",
    description="Un jeton d’identity pour cette porte (`POST /tokens`, `mcp.<service>.http`).",
    auto_error=False,
)
Bearer = Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)]
"""The token shown, if there is one; the OpenAPI document says that the route needs it."""


class Access:
    """Verifies the tokens of one service's HTTP door; what the person may do is decided later."""

    def __init__(self, jwks: str, clock: Clock, service: str) -> None:
        self._verifier = TokenVerifier(jwks)
        self._clock = clock
        self._audience = http_audience(service)

    async def principal(self, request: Request, bearer: Bearer) -> Principal:
        """The actor of a request. Raises one of the token refusals."""
        if bearer is None:
            raise TokenMissing
        shown = f"{bearer.scheme} {bearer.credentials}"
        known = self._verifier.verify(shown, audience=self._audience, at=self._clock.now())
        return admit(request, known)
