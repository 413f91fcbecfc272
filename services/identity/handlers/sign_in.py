"""SignIn: identifiant and password against the account, a session for whoever is right."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.identity.domain import compte as comptes
from services.identity.domain.compte import Compte, IdentifiantReserve
from services.identity.domain.copies import Convention
from services.identity.domain.essais import Essai
from services.identity.domain.identifiant import read_identifiant
from services.identity.domain.mot_de_passe import looks_temporary
from services.identity.domain.regles import to_accept
from services.identity.domain.session import Portee, Session, id_of, may_enter
from services.identity.handlers.checking import REFUSED, Attempt, Checking, failed
from services.identity.handlers.presence import convention_keys, convention_of
from services.identity.ports import Hasher
from shared.contracts.comptes import MotifEchec
from shared.path.decision import Decision, Key, Reader, Request, State, UseCase

NOBODY = "-nobody"
"""The id of no account, which none can ever have: looked for where an identifiant is nobody's."""


@dataclass(frozen=True)
class SignIn:
    """Who wants to come in, from where, with which secret, and the session's token to be."""

    identifiant: str
    source: str
    mot_de_passe: str = field(repr=False)
    session_token: str = field(repr=False)


@dataclass(frozen=True)
class Verified:
    """What the hash said, outside any transaction; `against` is the hash it was said of.

    `rehashed` is the same password hashed with the parameters of today, where they changed.
    """

    user_id: str | None
    convention_id: str | None
    against: str | None
    essai: Essai
    rehashed: str | None = None


def sign_in(hasher: Hasher, checking: Checking) -> UseCase[SignIn, Verified]:
    """The use case, with what verifies passwords."""

    async def prepare(request: Request[SignIn, None], reader: Reader) -> Verified:
        """One verification, whatever is known of the account: the same work for all."""
        asked, now = request.message, request.now
        known = await look_up(reader, asked.identifiant)
        temporary = looks_temporary(asked.mot_de_passe)
        against = None if known is None else hash_for(known.compte, asked.mot_de_passe)
        usable = known is not None and known.usable(now) and not (temporary and known.late(now))
        attempt = Attempt(asked.identifiant, asked.source, asked.mot_de_passe, against, usable)
        essai = await checking.check(attempt, now)
        if known is None:
            return Verified(None, None, None, essai)
        rehashed = None
        if essai.right and usable and against and not temporary and hasher.is_outdated(against):
            rehashed = await hasher.hash(asked.mot_de_passe)
        return Verified(known.compte.id, known.compte.convention_id, against, essai, rehashed)

    return UseCase(message=SignIn, prepare=prepare, keys=_keys, decide=_decide)


@dataclass(frozen=True)
class Known:
    """An account and its convention, as last committed."""

    compte: Compte
    convention: Convention | None

    def usable(self, now: datetime) -> bool:
        """Whether a right password would open anything."""
        return may_enter(self.compte, self.convention, now)

    def late(self, now: datetime) -> bool:
        """Whether its temporary password has expired."""
        return self.compte.provisoire is not None and now >= self.compte.provisoire.expires_at


async def look_up(reader: Reader, identifiant: str) -> Known | None:
    """The account of an identifiant as typed, if it is anybody's; the same reads if not."""
    reserved = await reader.load(IdentifiantReserve.key_of(read_identifiant(identifiant)))
    compte = await reader.load(Compte.key_of(NOBODY if reserved is None else reserved.user_id))
    convention_id = None if compte is None else compte.convention_id
    convention = await reader.load(Convention.key_of(convention_id or NOBODY))
    return None if compte is None else Known(compte, convention)


def hash_for(compte: Compte, password: str) -> str | None:
    """The hash that this password is to be compared with: which one, its shape tells."""
    if not looks_temporary(password):
        return compte.mot_de_passe
    return None if compte.provisoire is None else compte.provisoire.hash


def _keys(request: Request[SignIn, Verified]) -> list[Key[Any]]:
    verified = request.prepared
    if verified.user_id is None:
        return []
    return [Compte.key_of(verified.user_id), *convention_keys(verified.convention_id)]


def _decide(request: Request[SignIn, Verified], state: State) -> Decision:
    """A failure on a known account is a fact; who tries is told the same in every case."""
    verified, now = request.prepared, request.now
    if verified.user_id is None:
        return Decision(result={REFUSED: "true"})
    known = Known(
        comptes.find(state, verified.user_id), convention_of(state, verified.convention_id)
    )
    motif = _failure(known, request.message.mot_de_passe, verified, now)
    if motif is not None:
        return failed(known.compte, verified.essai, motif, now=now)
    return _let_in(known.compte, request, verified.rehashed)


def _failure(known: Known, password: str, verified: Verified, now: datetime) -> MotifEchec | None:
    current = hash_for(known.compte, password)
    unchanged = current is not None and current == verified.against
    if not (verified.essai.right and unchanged):
        return MotifEchec.MOT_DE_PASSE
    if not known.usable(now):
        return MotifEchec.COMPTE_FERME
    if looks_temporary(password) and known.late(now):
        return MotifEchec.MOT_DE_PASSE_EXPIRE
    return None


def _let_in(compte: Compte, request: Request[SignIn, Verified], rehashed: str | None) -> Decision:
    """Open a session; a temporary password opens one only, for personalisation only."""
    now, before = request.now, compte.signed_in_at
    temporary = looks_temporary(request.message.mot_de_passe)
    compte = compte.changed(
        signed_in_at=now,
        provisoire=None if temporary else compte.provisoire,
        mot_de_passe=rehashed or compte.mot_de_passe,
    )
    session = Session(
        id=id_of(request.message.session_token),
        user_id=compte.id,
        portee=Portee.PERSONNALISATION if temporary else Portee.COMPLETE,
        epoque=compte.epoque,
        opened_at=now,
        seen_at=now,
    )
    shown = {
        "last_sign_in_at": before.isoformat() if before else None,
        "regles_a_accepter": to_accept(compte.regles),
    }
    return Decision(
        writes=(compte, session),
        facts=(comptes.signed_in(compte, must_change_password=temporary, at=now),),
        result={
            "user_id": compte.id,
            "portee": session.portee,
            **{name: value for name, value in shown.items() if value is not None},
        },
    )
