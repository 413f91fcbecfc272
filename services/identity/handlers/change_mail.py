"""ChangeMail: a person changes his own address, after showing his password again (ASVS 7.5.1)."""

from dataclasses import dataclass, field
from typing import Any

from services.identity.domain import compte as comptes
from services.identity.domain.compte import AdresseReservee, Compte
from services.identity.domain.errors import SessionRequired
from services.identity.domain.essais import Essai
from services.identity.domain.frequence import MOST_ADDRESSES
from services.identity.domain.historique import NatureActe
from services.identity.domain.mot_de_passe import looks_temporary
from services.identity.domain.ouverture import freed, holder_keys, reserved
from services.identity.domain.personne import read_own_mail
from services.identity.handlers.checking import Attempt, Checking, failed
from services.identity.handlers.presence import Presence, convention_of
from shared.calendrier import day_of
from shared.contracts.comptes import MotifEchec
from shared.frequence import counted
from shared.path.decision import Decision, Key, Reader, Request, State, UseCase


@dataclass(frozen=True)
class ChangeMail:
    """His address from now on, and his password, from where."""

    presence: Presence
    source: str
    mail: str = field(repr=False)
    mot_de_passe: str = field(repr=False)


@dataclass(frozen=True)
class Shown:
    """What the hash said of his password; `before` is the address that he had then."""

    before: str
    against: str | None
    essai: Essai


def change_mail(checking: Checking) -> UseCase[ChangeMail, Shown]:
    """The use case, with what verifies passwords."""

    async def prepare(request: Request[ChangeMail, None], reader: Reader) -> Shown:
        asked = request.message
        read_own_mail(asked.mail)
        compte = await reader.load(Compte.key_of(asked.presence.user_id))
        if compte is None:
            raise SessionRequired
        against = None if looks_temporary(asked.mot_de_passe) else compte.mot_de_passe
        attempt = Attempt(
            compte.identifiant, asked.source, asked.mot_de_passe, against, usable=True
        )
        return Shown(compte.mail, against, await checking.check(attempt, request.now))

    return UseCase(
        message=ChangeMail, prepare=prepare, keys=_keys, more_keys=_more_keys, decide=_decide
    )


def _keys(request: Request[ChangeMail, Shown]) -> list[Key[Any]]:
    asked = request.message
    addresses = {read_own_mail(asked.mail), request.prepared.before}
    return [*asked.presence.keys, *map(AdresseReservee.key_of, sorted(addresses))]


def _more_keys(request: Request[ChangeMail, Shown], state: State) -> list[Key[Any]]:
    return [*holder_keys(read_own_mail(request.message.mail), state)]


def _decide(request: Request[ChangeMail, Shown], state: State) -> Decision:
    """A temporary password that went to the old address opens nothing any more.

    Writes:  comptes, adresses
    Tells:   UserMailChanged; SignInFailed, UserLocked where the password was wrong
    Raises:  SessionRequired, PersonalisationRequired, MailUnavailable, TooOften
    """
    asked, shown, now = request.message, request.prepared, request.now
    before = asked.presence.full(state, now)
    right = shown.essai.right and shown.essai.looked_at and shown.against == before.mot_de_passe
    if not right or before.mail != shown.before:
        motif = MotifEchec.ADRESSE_CHANGEE if right else MotifEchec.MOT_DE_PASSE
        return failed(before, shown.essai, motif, now=now)
    mail, convention = read_own_mail(asked.mail), convention_of(state, before.convention_id)
    if mail == before.mail:
        return Decision(result={"user_id": before.id})
    moments = counted(before.changements_adresse, now, most=MOST_ADDRESSES)
    compte = before.changed(mail=mail, provisoire=None, changements_adresse=moments)
    compte = compte.noted(NatureActe.CHANGEMENT_ADRESSE, par=compte.id, at=now)
    told = comptes.mail_changed(compte, before.mail, convention=convention, by=compte.id, at=now)
    kept = reserved(compte, state, day_of(now))
    return Decision(
        writes=(compte, kept, *freed(before.mail, compte.id, state, now=now)),
        facts=(told,),
        result={"user_id": compte.id},
    )
