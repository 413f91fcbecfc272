"""ChangeTelephone: a person changes, or takes away, his own phone number."""

from dataclasses import dataclass
from typing import Any

from services.identity.domain import compte as comptes
from services.identity.domain.historique import NatureActe
from services.identity.handlers.presence import Presence
from shared.path.decision import Decision, Key, Request, State, UseCase


@dataclass(frozen=True)
class ChangeTelephone:
    """His number from now on; None for none."""

    presence: Presence
    telephone: str | None


def _keys(request: Request[ChangeTelephone, None]) -> list[Key[Any]]:
    return request.message.presence.keys


def _decide(request: Request[ChangeTelephone, None], state: State) -> Decision:
    asked = request.message
    compte = asked.presence.full(state, request.now).changed(telephone=asked.telephone)
    compte = compte.noted(NatureActe.MODIFICATION, par=compte.id, at=request.now)
    return Decision(
        writes=(compte,),
        facts=(comptes.updated(compte, by=compte.id, at=request.now),),
        result={"user_id": compte.id},
    )


CHANGE_TELEPHONE = UseCase(message=ChangeTelephone, keys=_keys, decide=_decide)
