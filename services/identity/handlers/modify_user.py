"""ModifyUser: what is known of a person changes; what is left out stays [seed 001]."""

from typing import Any

from services.identity.domain import compte as comptes
from services.identity.domain.compte import Compte
from services.identity.domain.errors import NotPermitted
from services.identity.domain.personne import read_nom, read_prenom
from shared.contracts.identity import ModifyUser
from shared.path.decision import Decision, Key, Request, State, UseCase
from shared.security.principal import ActorKind


def _keys(request: Request[ModifyUser, None]) -> list[Key[Any]]:
    return [Compte.key_of(request.message.user_id)]


def _decide(request: Request[ModifyUser, None], state: State) -> Decision:
    if request.principal.kind is not ActorKind.AGENT_CAF:
        raise NotPermitted
    asked = request.message
    before = comptes.find(state, asked.user_id)
    changes = {name: value for name, value in asked if value is not None and name != "user_id"}
    if asked.nom is not None:
        changes["nom"] = read_nom(asked.nom)
    if asked.prenom is not None:
        changes["prenom"] = read_prenom(asked.prenom)
    compte = before.changed(**changes)
    return Decision(
        writes=(compte,),
        facts=(comptes.updated(compte, by=request.principal.id, at=request.now),),
        result={"user_id": compte.id},
    )


MODIFY_USER = UseCase(message=ModifyUser, keys=_keys, decide=_decide)
