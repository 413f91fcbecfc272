"""AcceptRegles: a person accepts the règles d'usage in force [seed 002]."""

from dataclasses import dataclass
from typing import Any

from services.identity.domain import compte as comptes
from services.identity.domain.historique import NatureActe
from services.identity.domain.regles import check_version
from services.identity.handlers.presence import Presence
from shared.path.decision import Decision, Key, Request, State, UseCase


@dataclass(frozen=True)
class AcceptRegles:
    """The version that he read."""

    presence: Presence
    version: str


def _keys(request: Request[AcceptRegles, None]) -> list[Key[Any]]:
    return request.message.presence.keys


def _decide(request: Request[AcceptRegles, None], state: State) -> Decision:
    asked = request.message
    before = asked.presence.full(state, request.now)
    check_version(asked.version)
    if before.regles == asked.version:
        return Decision(result={"user_id": before.id})
    compte = before.changed(regles=asked.version).noted(
        NatureActe.ACCEPTATION_REGLES, par=before.id, at=request.now
    )
    return Decision(
        writes=(compte,),
        facts=(comptes.regles_accepted(compte, asked.version, at=request.now),),
        result={"user_id": compte.id},
    )


ACCEPT_REGLES = UseCase(message=AcceptRegles, keys=_keys, decide=_decide)
