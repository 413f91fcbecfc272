"""GroupesRequested: who has an account joins the groups that it was asked for once more.

Two may ask for one person before identity answers the first: the groups of both are looked at,
each on behalf of who asked for them. That a fact is never acted on twice is the path's.
"""

from typing import Any

from services.habilitation.handlers import welcoming
from services.habilitation.handlers.welcoming import Accueil
from shared.contracts.identity import GroupesRequested
from shared.path.decision import Decision, Key, Request, State, UseCase

Asked = Request[GroupesRequested, None]


def _accueil(request: Asked) -> Accueil | None:
    """Nothing for who has no convention."""
    fact = request.message
    if fact.convention_id is None:
        return None
    return Accueil(fact.user_id, fact.convention_id, fact.groupes, fact.asked_by, request.now)


def _keys(request: Asked) -> list[Key[Any]]:
    accueil = _accueil(request)
    return [] if accueil is None else welcoming.keys(accueil)


def _more_keys(request: Asked, state: State) -> list[Key[Any]]:
    accueil = _accueil(request)
    return [] if accueil is None else welcoming.more_keys(accueil, state)


def _decide(request: Asked, state: State) -> Decision:
    """Nothing is written where the person is in all of them already."""
    accueil = _accueil(request)
    if accueil is None:
        return Decision()
    decision = welcoming.welcome(accueil, welcoming.before(accueil, state), state)
    return decision if decision.facts else Decision()


WELCOME_FURTHER = UseCase(
    message=GroupesRequested, keys=_keys, more_keys=_more_keys, decide=_decide
)
