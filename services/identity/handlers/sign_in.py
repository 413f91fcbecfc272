"""SignIn: identifiant and password against the account, a session for whoever is right."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.identity.domain import compte as comptes
from services.identity.domain.compte import Compte, IdentifiantReserve
from services.identity.domain.identifiant import read_identifiant
from services.identity.domain.mot_de_passe import looks_temporary
from services.identity.domain.session import Portee, Session, id_of
from services.identity.ports import Hasher
from shared.contracts.comptes import EtatCompte, MotifEchec
from shared.path.decision import Decision, Key, Reader, Request, State, UseCase

REFUSED = "refused"


@dataclass(frozen=True)
class SignIn:
    """Who wants to come in, with which secret, and the token that the session will have."""

    identifiant: str
    mot_de_passe: str = field(repr=False)
    session_token: str = field(repr=False)


@dataclass(frozen=True)
class Verified:
    """What the hash said, outside any transaction; `against` is the hash it was said of."""

    user_id: str | None
    against: str | None
    right: bool


def sign_in(hasher: Hasher) -> UseCase[SignIn, Verified]:
    """The use case, with what verifies passwords."""

    async def prepare(request: Request[SignIn, None], reader: Reader) -> Verified:
        """One verification, whatever is known of the account: the same work for all."""
        asked = request.message
        compte = await _look_up(reader, asked.identifiant)
        against = None if compte is None else _hash_for(compte, asked.mot_de_passe)
        right = await hasher.verify(asked.mot_de_passe, against)
        return Verified(None if compte is None else compte.id, against, right)

    return UseCase(message=SignIn, prepare=prepare, keys=_keys, decide=_decide)


async def _look_up(reader: Reader, identifiant: str) -> Compte | None:
    reserved = await reader.load(IdentifiantReserve.key_of(read_identifiant(identifiant)))
    return None if reserved is None else await reader.load(Compte.key_of(reserved.user_id))


def _hash_for(compte: Compte, password: str) -> str | None:
    if not looks_temporary(password):
        return compte.mot_de_passe
    return None if compte.provisoire is None else compte.provisoire.hash


def _keys(request: Request[SignIn, Verified]) -> list[Key[Any]]:
    user_id = request.prepared.user_id
    return [] if user_id is None else [Compte.key_of(user_id)]


def _decide(request: Request[SignIn, Verified], state: State) -> Decision:
    """A failure on a known account is a fact; who tries is told the same in every case."""
    verified, now = request.prepared, request.now
    if verified.user_id is None:
        return Decision(result={REFUSED: "true"})
    compte = comptes.find(state, verified.user_id)
    motif = _failure(compte, request.message.mot_de_passe, verified, now)
    if motif is not None:
        told = comptes.sign_in_failed(compte, motif, at=now)
        return Decision(writes=(compte,), facts=(told,), result={REFUSED: "true"})
    temporary = looks_temporary(request.message.mot_de_passe)
    return _let_in(compte, request.message.session_token, temporary=temporary, now=now)


def _failure(compte: Compte, password: str, verified: Verified, now: datetime) -> MotifEchec | None:
    current = _hash_for(compte, password)
    if compte.etat is not EtatCompte.OUVERT or not verified.right or current != verified.against:
        return MotifEchec.MOT_DE_PASSE
    if looks_temporary(password) and compte.provisoire and now >= compte.provisoire.expires_at:
        return MotifEchec.MOT_DE_PASSE_EXPIRE
    return None


def _let_in(compte: Compte, token: str, *, temporary: bool, now: datetime) -> Decision:
    """Open a session; a temporary password opens one only, for personalisation only."""
    before = compte.signed_in_at
    compte = compte.changed(signed_in_at=now, provisoire=None if temporary else compte.provisoire)
    session = Session(
        id=id_of(token),
        user_id=compte.id,
        portee=Portee.PERSONNALISATION if temporary else Portee.COMPLETE,
        epoque=compte.epoque,
        opened_at=now,
        seen_at=now,
    )
    return Decision(
        writes=(compte, session),
        facts=(comptes.signed_in(compte, must_change_password=temporary, at=now),),
        result={
            "user_id": compte.id,
            "portee": session.portee,
            **({"last_sign_in_at": before.isoformat()} if before else {}),
        },
    )
