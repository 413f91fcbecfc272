"""Who a request is from: the session behind its bearer token."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from services.identity.domain.compte import Compte
from services.identity.domain.copies import Convention
from services.identity.domain.errors import PersonalisationRequired, SessionRequired
from services.identity.domain.session import Portee, Session, id_of, is_open
from services.identity.handlers.presence import Presence
from services.identity.store import note_seen
from shared.contracts.comptes import GenreCompte
from shared.http.acces_refuses import admit
from shared.runtime import Runtime
from shared.security.principal import ActorKind, Principal


@dataclass(frozen=True)
class Actor:
    """The person of a session."""

    principal: Principal
    session: Session
    compte: Compte
    convention: Convention | None

    @property
    def presence(self) -> Presence:
        """The person as decisions about his own account need him."""
        return Presence(self.compte.id, self.session.id, self.compte.convention_id)


BEARER = HTTPBearer(
    scheme_name="session",
    description="Le jeton que donne la connexion (`POST /sessions`).",
    auto_error=False,
)
Bearer = Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)]
"""The token of a session, if there is one; the OpenAPI document says that the route needs it."""


class Sessions:
    """Reads sessions; every request looks at the store, so that an ended one opens nothing."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def ended_or_not(self, request: Request, bearer: Bearer) -> Actor:
        """The actor of a session that may have ended, where the decision itself looks at that.

        A repeated request then finds the answer of the first, which ended the session. Raises
        `SessionRequired` where there never was such a session.
        """
        if bearer is None:
            raise SessionRequired
        load = self._runtime.reader.load
        session = await load(Session.key_of(id_of(bearer.credentials)))
        if session is None:
            raise SessionRequired
        compte = await load(Compte.key_of(session.user_id))
        if compte is None:
            raise SessionRequired
        convention = None
        if compte.convention_id is not None:
            convention = await load(Convention.key_of(compte.convention_id))
        agent = compte.genre is GenreCompte.AGENT_CAF
        kind = ActorKind.AGENT_CAF if agent else ActorKind.PARTENAIRE
        known = admit(request, Principal(kind, compte.id))
        return Actor(known, session, compte, convention)

    async def any(self, request: Request, bearer: Bearer) -> Actor:
        """The actor of an open session of any kind. Raises `SessionRequired`."""
        actor, now = await self.ended_or_not(request, bearer), self._runtime.clock.now()
        if not is_open(actor.session, actor.compte, actor.convention, now):
            raise SessionRequired
        await note_seen(self._runtime.store, actor.session, now)
        return actor

    async def full(self, request: Request, bearer: Bearer) -> Actor:
        """The actor of a session that opens everything. Raises `PersonalisationRequired` too."""
        actor = await self.any(request, bearer)
        if actor.session.portee is not Portee.COMPLETE:
            raise PersonalisationRequired
        return actor
