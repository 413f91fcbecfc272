"""ChoosePassword: the personalisation that a temporary password opens [seed 002]."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.identity.domain import compte as comptes
from services.identity.domain.compte import Compte
from services.identity.domain.errors import NothingToPersonalise, SessionRequired
from services.identity.domain.historique import NatureActe
from services.identity.domain.session import Portee
from services.identity.handlers.choosing import Choosing
from services.identity.handlers.presence import Presence
from shared.contracts.comptes import MotifMotDePasse
from shared.path.decision import Decision, Key, Reader, Request, State, UseCase


@dataclass(frozen=True)
class ChoosePassword:
    """The password that a person chose, in the session that a temporary one opened."""

    presence: Presence
    nouveau_mot_de_passe: str = field(repr=False)


def choose_password(choosing: Choosing) -> UseCase[ChoosePassword, str]:
    """The use case, with what accepts and hashes passwords."""

    async def prepare(request: Request[ChoosePassword, None], reader: Reader) -> str:
        """Nothing slow for a session that may not choose; the decision looks at it again."""
        asked = request.message
        state = State({key: await reader.load(key) for key in asked.presence.keys})
        compte = _personalising(asked.presence, state, request.now)
        return await choosing.hash_of(asked.nouveau_mot_de_passe, compte, reader)

    return UseCase(message=ChoosePassword, prepare=prepare, keys=_keys, decide=_decide)


def _keys(request: Request[ChoosePassword, str]) -> list[Key[Any]]:
    return request.message.presence.keys


def _personalising(presence: Presence, state: State, now: datetime) -> Compte:
    """The account, in a session that opens the choice. Raises what it does not open."""
    if state.get(Compte.key_of(presence.user_id)) is None:
        raise SessionRequired
    compte, session = presence.any(state, now)
    if session.portee is not Portee.PERSONNALISATION:
        raise NothingToPersonalise
    return compte


def _decide(request: Request[ChoosePassword, str], state: State) -> Decision:
    """Every session ends, the one that chose included: the new password opens the next."""
    compte = _personalising(request.message.presence, state, request.now)
    compte = compte.changed(
        mot_de_passe=request.prepared, provisoire=None, epoque=compte.epoque + 1
    ).noted(NatureActe.PERSONNALISATION, par=compte.id, at=request.now)
    told = comptes.password_changed(compte, MotifMotDePasse.PERSONNALISATION, at=request.now)
    return Decision(writes=(compte,), facts=(told,), result={"user_id": compte.id})
