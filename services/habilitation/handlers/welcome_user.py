"""UserCreated: who was created for groups becomes their member, or a fact tells why not; once."""

from typing import Any

from services.habilitation.handlers import welcoming
from services.habilitation.handlers.welcoming import Accueil
from shared.contracts.identity import UserCreated
from shared.path.decision import Decision, Key, Request, State, UseCase

Asked = Request[UserCreated, None]


def _accueil(request: Asked) -> Accueil | None:
    """Nothing for who was created for no group, or has no convention."""
    fact = request.message
    if not fact.groupes or fact.convention_id is None:
        return None
    return Accueil(fact.user_id, fact.convention_id, fact.groupes, fact.created_by, request.now)


def _keys(request: Asked) -> list[Key[Any]]:
    accueil = _accueil(request)
    return [] if accueil is None else welcoming.keys(accueil)


def _more_keys(request: Asked, state: State) -> list[Key[Any]]:
    accueil = _accueil(request)
    return [] if accueil is None else welcoming.more_keys(accueil, state)


def _decide(request: Asked, state: State) -> Decision:
    """Once for ever, whatever becomes of the person: `accueilli` says that it was done."""
    accueil = _accueil(request)
    if accueil is None:
        return Decision()
    membre = welcoming.before(accueil, state)
    if membre.accueilli:
        return Decision()
    return welcoming.welcome(accueil, membre.changed(accueilli=True), state)


WELCOME_USER = UseCase(message=UserCreated, keys=_keys, more_keys=_more_keys, decide=_decide)
