"""Who a request is from: the session behind its bearer token."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from services.identity.domain.compte import Compte
from services.identity.domain.errors import PersonalisationRequired, SessionRequired
from services.identity.domain.session import Portee, Session, id_of, is_open
from services.identity.store import note_seen
from shared.runtime import Runtime
from shared.security.principal import ActorKind, Principal


@dataclass(frozen=True)
class Actor:
    """The person of a session."""

    principal: Principal
    session: Session
    compte: Compte


BEARER = HTTPBearer(
    scheme_name="session",
    description="Le jeton que donne la connexion (`POST /sessions`).",
    auto_error=False,
)
Documented = Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)]
"""Says in the OpenAPI document that a route needs a session; the session is read below."""


class Sessions:
    """Reads sessions; every request looks at the store, so that an ended one opens nothing."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def ended_or_not(self, request: Request, documented: Documented = None) -> Actor:
        """The actor of a session that may have ended, where the decision itself looks at that.

        A repeated request then finds the answer of the first, which ended the session. Raises
        `SessionRequired` where there never was such a session.
        """
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise SessionRequired
        session = await self._runtime.reader.load(Session.key_of(id_of(token)))
        if session is None:
            raise SessionRequired
        compte = await self._runtime.reader.load(Compte.key_of(session.user_id))
        if compte is None:
            raise SessionRequired
        return Actor(Principal(ActorKind(compte.genre.value), compte.id), session, compte)

    async def any(self, request: Request, documented: Documented = None) -> Actor:
        """The actor of an open session of any kind. Raises `SessionRequired`."""
        actor, now = await self.ended_or_not(request), self._runtime.clock.now()
        if not is_open(actor.session, actor.compte, now):
            raise SessionRequired
        await note_seen(self._runtime.store, actor.session, now)
        return actor

    async def full(self, request: Request, documented: Documented = None) -> Actor:
        """The actor of a session that opens everything. Raises `PersonalisationRequired` too."""
        actor = await self.any(request)
        if actor.session.portee is not Portee.COMPLETE:
            raise PersonalisationRequired
        return actor
