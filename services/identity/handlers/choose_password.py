"""ChoosePassword: the personalisation that a temporary password opens [seed 002]."""

from dataclasses import dataclass, field
from typing import Any

from services.identity.domain import compte as comptes
from services.identity.domain.compte import Compte
from services.identity.domain.errors import NothingToPersonalise, SessionRequired
from services.identity.domain.mot_de_passe import check_password
from services.identity.domain.session import Portee, Session, is_open
from services.identity.ports import Hasher
from shared.path.decision import Decision, Key, Reader, Request, State, UseCase


@dataclass(frozen=True)
class ChoosePassword:
    """The password that a person chose, in the session that a temporary one opened."""

    user_id: str
    session_id: str
    nouveau_mot_de_passe: str = field(repr=False)


def choose_password(hasher: Hasher) -> UseCase[ChoosePassword, str]:
    """The use case, with what hashes passwords."""

    async def prepare(request: Request[ChoosePassword, None], _: Reader) -> str:
        check_password(request.message.nouveau_mot_de_passe)
        return await hasher.hash(request.message.nouveau_mot_de_passe)

    return UseCase(message=ChoosePassword, prepare=prepare, keys=_keys, decide=_decide)


def _keys(request: Request[ChoosePassword, str]) -> list[Key[Any]]:
    asked = request.message
    return [Compte.key_of(asked.user_id), Session.key_of(asked.session_id)]


def _decide(request: Request[ChoosePassword, str], state: State) -> Decision:
    """Every session ends, the one that chose included: the new password opens the next."""
    asked = request.message
    compte = comptes.find(state, asked.user_id)
    session = state.get(Session.key_of(asked.session_id))
    if session is None or not is_open(session, compte, request.now):
        raise SessionRequired
    if session.portee is not Portee.PERSONNALISATION:
        raise NothingToPersonalise
    compte = compte.changed(
        mot_de_passe=request.prepared, provisoire=None, epoque=compte.epoque + 1
    )
    return Decision(
        writes=(compte,),
        facts=(comptes.password_changed(compte, at=request.now),),
        result={"user_id": compte.id},
    )
