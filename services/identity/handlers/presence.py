"""Who is there: the person of a session, as the decisions about his own account need it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.identity.domain import compte as comptes
from services.identity.domain.compte import Compte
from services.identity.domain.copies import Convention
from services.identity.domain.errors import PersonalisationRequired, SessionRequired
from services.identity.domain.session import Portee, Session, is_open
from shared.path.decision import Key, State


@dataclass(frozen=True)
class Presence:
    """A person in session; an account never changes its convention."""

    user_id: str
    session_id: str
    convention_id: str | None

    @property
    def keys(self) -> list[Key[Any]]:
        """What tells whether the session is open."""
        own: list[Key[Any]] = [Compte.key_of(self.user_id), Session.key_of(self.session_id)]
        return [*own, *convention_keys(self.convention_id)]

    def any(self, state: State, now: datetime) -> tuple[Compte, Session]:
        """The account and its open session, of any kind. Raises `SessionRequired`."""
        compte = comptes.find(state, self.user_id)
        session = state.get(Session.key_of(self.session_id))
        convention = convention_of(state, self.convention_id)
        if session is None or not is_open(session, compte, convention, now):
            raise SessionRequired
        return compte.of_caf(convention), session

    def full(self, state: State, now: datetime) -> Compte:
        """The account, in a session that opens everything. Raises `PersonalisationRequired` too."""
        compte, session = self.any(state, now)
        if session.portee is not Portee.COMPLETE:
            raise PersonalisationRequired
        return compte


def convention_keys(convention_id: str | None) -> list[Key[Convention]]:
    """The copy of the convention that an account depends on, if it has one."""
    return [] if convention_id is None else [Convention.key_of(convention_id)]


def convention_of(state: State, convention_id: str | None) -> Convention | None:
    """That copy, as far as anything is known."""
    return None if convention_id is None else state.get(Convention.key_of(convention_id))
