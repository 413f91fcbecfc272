"""UpdatePassword: « mettre à jour votre mot de passe », at sign-in, without a session."""

from dataclasses import dataclass, field
from typing import Any

from services.identity.domain import compte as comptes
from services.identity.domain.compte import Compte
from services.identity.domain.essais import Essai
from services.identity.domain.historique import NatureActe
from services.identity.domain.mot_de_passe import Unchanged, composed, looks_temporary
from services.identity.domain.session import may_enter
from services.identity.handlers.checking import REFUSED, Attempt, Checking, failed
from services.identity.handlers.choosing import Choosing
from services.identity.handlers.presence import convention_keys, convention_of
from services.identity.handlers.sign_in import look_up
from shared.contracts.comptes import MotifEchec, MotifMotDePasse
from shared.path.decision import Decision, Key, Reader, Request, State, UseCase


@dataclass(frozen=True)
class UpdatePassword:
    """Who changes his password, from where, the one in use and the new one."""

    identifiant: str
    source: str
    mot_de_passe: str = field(repr=False)
    nouveau_mot_de_passe: str = field(repr=False)


@dataclass(frozen=True)
class Chosen:
    """What the hash said of the password in use, and the hash of the new one if it was right."""

    user_id: str | None
    convention_id: str | None
    against: str | None
    essai: Essai
    hash: str | None = None


def update_password(checking: Checking, choosing: Choosing) -> UseCase[UpdatePassword, Chosen]:
    """The use case, with what verifies and what accepts passwords."""

    async def prepare(request: Request[UpdatePassword, None], reader: Reader) -> Chosen:
        """The new password is looked at only for whoever knows the one in use."""
        asked, now = request.message, request.now
        known = await look_up(reader, asked.identifiant)
        against = None
        if known is not None and not looks_temporary(asked.mot_de_passe):
            against = known.compte.mot_de_passe
        usable = known is not None and known.usable(now)
        attempt = Attempt(asked.identifiant, asked.source, asked.mot_de_passe, against, usable)
        essai = await checking.check(attempt, now)
        if known is None:
            return Chosen(None, None, None, essai)
        hashed = None
        if essai.right and usable:
            if composed(asked.nouveau_mot_de_passe) == composed(asked.mot_de_passe):
                raise Unchanged
            hashed = await choosing.hash_of(asked.nouveau_mot_de_passe, known.compte, reader)
        return Chosen(known.compte.id, known.compte.convention_id, against, essai, hashed)

    return UseCase(message=UpdatePassword, prepare=prepare, keys=_keys, decide=_decide)


def _keys(request: Request[UpdatePassword, Chosen]) -> list[Key[Any]]:
    chosen = request.prepared
    if chosen.user_id is None:
        return []
    return [Compte.key_of(chosen.user_id), *convention_keys(chosen.convention_id)]


def _decide(request: Request[UpdatePassword, Chosen], state: State) -> Decision:
    """Every session ends: whoever had one must know the new password."""
    chosen, now = request.prepared, request.now
    if chosen.user_id is None:
        return Decision(result={REFUSED: "true"})
    compte = comptes.find(state, chosen.user_id)
    convention = convention_of(state, chosen.convention_id)
    unchanged = chosen.against == compte.mot_de_passe
    if not (chosen.essai.right and unchanged):
        return failed(compte, chosen.essai, MotifEchec.MOT_DE_PASSE, now=now)
    if chosen.hash is None or not may_enter(compte, convention, now):
        return failed(compte, chosen.essai, MotifEchec.COMPTE_FERME, now=now)
    compte = compte.changed(
        mot_de_passe=chosen.hash, provisoire=None, epoque=compte.epoque + 1
    ).noted(NatureActe.MISE_A_JOUR, par=compte.id, at=now)
    told = comptes.password_changed(compte, MotifMotDePasse.MISE_A_JOUR, at=now)
    return Decision(writes=(compte,), facts=(told,), result={"user_id": compte.id})
