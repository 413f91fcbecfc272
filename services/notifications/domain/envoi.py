"""A mail to one person, from the fact that asks for it to its end."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from services.notifications.domain.destinataire import Destinataire
from services.notifications.domain.errors import TransitionForbidden
from services.notifications.domain.modele import A_LA_CAF, A_UN_TIERS, CAMPAGNES, VALIDITE, Modele
from services.notifications.domain.reprises import DUREE_MAX, next_attempt
from services.notifications.domain.tentative import Accepted, Deferred, Rejected, Result
from shared.contracts.envelope import Fact
from shared.contracts.identity import IdentifiantIssued, TemporaryPasswordIssued
from shared.contracts.notifications import (
    MailAbandoned,
    MailDeferred,
    MailExpired,
    MailFailed,
    MailHeld,
    MailReleased,
    MailSent,
    MotifAbandon,
)
from shared.ids import derive_id
from shared.path.decision import Document


class EtatEnvoi(StrEnum):
    """State of a mail."""

    EN_FILE = "en_file"
    DIFFERE = "differe"
    RETENU = "retenu"
    ENVOYE = "envoye"
    ECHEC = "echec"
    ABANDONNE = "abandonne"
    EXPIRE = "expire"

    @property
    def libelle(self) -> str:
        """The state as people read it."""
        return LIBELLES[self]


LIBELLES: Mapping[EtatEnvoi, str] = {
    EtatEnvoi.EN_FILE: "En file d’attente",
    EtatEnvoi.DIFFERE: "Différé, sera retenté",
    EtatEnvoi.RETENU: "Retenu, adresse à corriger",
    EtatEnvoi.ENVOYE: "Envoyé",
    EtatEnvoi.ECHEC: "Refusé par le serveur",
    EtatEnvoi.ABANDONNE: "Abandonné",
    EtatEnvoi.EXPIRE: "Expiré avant envoi",
}

_DEJA_PARTI = frozenset({EtatEnvoi.ENVOYE})
TRANSITIONS: Mapping[EtatEnvoi, frozenset[EtatEnvoi]] = {
    EtatEnvoi.EN_FILE: frozenset(EtatEnvoi) - {EtatEnvoi.EN_FILE},
    EtatEnvoi.DIFFERE: frozenset(EtatEnvoi),
    EtatEnvoi.RETENU: frozenset(EtatEnvoi) - {EtatEnvoi.RETENU, EtatEnvoi.DIFFERE},
    # Given up while an attempt was on its way: what the server took is sent all the same.
    EtatEnvoi.ECHEC: _DEJA_PARTI,
    EtatEnvoi.ABANDONNE: _DEJA_PARTI,
    EtatEnvoi.EXPIRE: _DEJA_PARTI,
    EtatEnvoi.ENVOYE: frozenset(),
}
"""The only table of transitions. A retried mail stays DIFFERE until an attempt ends otherwise."""

A_ESSAYER = frozenset({EtatEnvoi.EN_FILE, EtatEnvoi.DIFFERE})
"""The states in which a mail is tried when its time comes."""
OUVERTS = A_ESSAYER | {EtatEnvoi.RETENU}
"""The states in which a mail still waits to be sent."""


class Envoi(Document):
    """One mail: whom it is for, what it says, how far it got.

    `sealed` holds a secret, `valeurs` what else it says, `adresse` an address that is not the one
    known of the person: all three go as soon as the mail waits no longer. `sujet_id` is whom it is
    about, where that is somebody else; `caf` the Caf whose contact it goes to, instead of a person.
    `tried_since` is when it was last put in the queue; `a_son_tour`, that it waited in the line of
    its destination since it was last due (`cadences.py`), whichever process looks at it next.
    """

    COLLECTION: ClassVar[str] = "envois"

    user_id: str
    modele: Modele
    generation: int = 0
    key_id: str | None = None
    sealed: str | None = None
    valeurs: dict[str, str] | None = None
    adresse: str | None = None
    caf: str | None = None
    sujet_id: str | None = None
    campagne_id: str | None = None
    etat: EtatEnvoi
    attempts: int
    next_attempt_at: datetime | None
    expires_at: datetime
    message_id: str
    created_at: datetime
    tried_since: datetime | None = None
    a_son_tour: bool = False
    ended_at: datetime | None = None
    motif: MotifAbandon | None = None

    @property
    def is_open(self) -> bool:
        """Whether it still waits to be sent."""
        return self.etat in OUVERTS

    @property
    def limit(self) -> datetime:
        """When it is given up: what it says is worth nothing, or it was tried for too long."""
        return min(self.expires_at, (self.tried_since or self.created_at) + DUREE_MAX)

    @property
    def is_to_the_person(self) -> bool:
        """Whether it goes to the address in use of `user_id`, on which its fate sheds light."""
        return self.modele not in A_LA_CAF and self.modele is not Modele.ADRESSE_QUITTEE

    @property
    def domain(self) -> str:
        """The right-hand side of its Message-ID."""
        return self.message_id.rpartition("@")[2].removesuffix(">")

    def is_due(self, now: datetime) -> bool:
        """Whether it is to be tried, or is being tried, now."""
        in_queue = self.etat is EtatEnvoi.EN_FILE
        return in_queue or (self.next_attempt_at is not None and self.next_attempt_at <= now)

    def is_expired(self, now: datetime) -> bool:
        """Whether what it carries is no longer valid."""
        return now >= self.expires_at


Issued = IdentifiantIssued | TemporaryPasswordIssued
Changed = tuple[Envoi, tuple[Fact, ...]]


def mail_id(user_id: str, generation: int, modele: Modele) -> str:
    """The id of a mail of a secret, derived from the business: the same fact never makes two."""
    return derive_id("mail", user_id, str(generation), modele)


def notice_id(modele: Modele, user_id: str, *occasion: str) -> str:
    """The id of a mail without a secret: who is written to, about what occasion."""
    return derive_id("mail", user_id, modele, *occasion)


def campaign_mail_id(campagne_id: str, user_id: str) -> str:
    """The id of a mail of a campaign: one for each person."""
    return derive_id("campagne", campagne_id, user_id)


def queue(modele: Modele, issued: Issued, *, domain: str, now: datetime) -> Envoi:
    """A mail for what identity issued, to be sent at once.

    Shapes:  `domain` is the right-hand side of its Message-ID, which it keeps over all attempts
    """
    return queue_notice(
        modele,
        issued.user_id,
        id=mail_id(issued.user_id, issued.generation, modele),
        domain=domain,
        now=now,
        generation=issued.generation,
        key_id=issued.key_id,
        sealed=issued.sealed,
        expires_at=issued.expires_at,
    )


def queue_notice(
    modele: Modele, user_id: str, *, id: str, domain: str, now: datetime, **more: Any
) -> Envoi:
    """A mail, to be sent at once; `more` are further fields of it.

    Shapes:  `domain` is the right-hand side of its Message-ID, which it keeps over all attempts
    """
    fields: dict[str, Any] = {
        "id": id,
        "user_id": user_id,
        "modele": modele,
        "etat": EtatEnvoi.EN_FILE,
        "attempts": 0,
        "next_attempt_at": now,
        "expires_at": now + VALIDITE,
        "message_id": f"<{id}@{domain}>",
        "created_at": now,
        "tried_since": now,
    }
    return Envoi(**(fields | more))


def reason_to_abandon(
    envoi: Envoi, destinataire: Destinataire | None, now: datetime
) -> MotifAbandon | None:
    """Why a mail must not be sent any more, though it has not expired; None to send it."""
    if destinataire is not None and _is_pointless(envoi, destinataire):
        return MotifAbandon.DEPASSE
    if destinataire is not None and destinataire.is_closed and envoi.modele in A_UN_TIERS:
        return MotifAbandon.DESTINATAIRE
    return MotifAbandon.TROP_TARD if now >= envoi.limit else None


def _is_pointless(envoi: Envoi, destinataire: Destinataire) -> bool:
    match envoi.modele:
        case Modele.MOT_DE_PASSE_PROVISOIRE:
            return destinataire.makes_worthless(envoi.generation)
        case Modele.IDENTIFIANT:
            return destinataire.was_closed_after(envoi.created_at)
        case modele:
            return modele in CAMPAGNES and destinataire.is_closed


def record_attempt(envoi: Envoi, result: Result, now: datetime) -> Changed:
    """Take in what the server answered.

    A mail that was closed or held meanwhile only counts the attempt, unless the server took it.
    """
    tried = envoi.changed(attempts=envoi.attempts + 1)
    match result:
        case Accepted() if envoi.etat is not EtatEnvoi.ENVOYE:
            return _sent(tried, now)
        case Deferred() if envoi.etat in A_ESSAYER:
            return _deferred(tried, result, now)
        case Rejected() if envoi.is_open:
            return _failed(tried, result, now)
        case _:
            return tried, ()


def expire(envoi: Envoi, now: datetime) -> Changed:
    """Give up a mail that says nothing valid any more. Raises TransitionForbidden."""
    closed = _close(envoi, EtatEnvoi.EXPIRE, now)
    return closed, (MailExpired(**common(closed, now)),)


def abandon(envoi: Envoi, motif: MotifAbandon, now: datetime) -> Changed:
    """Give up a mail for another reason. Raises TransitionForbidden."""
    closed = _close(envoi, EtatEnvoi.ABANDONNE, now, motif=motif)
    return closed, (MailAbandoned(motif=motif, **common(closed, now)),)


def hold(envoi: Envoi, now: datetime) -> Changed:
    """Let a mail wait until the address of its person is corrected. Raises TransitionForbidden."""
    held = _move(envoi, EtatEnvoi.RETENU, next_attempt_at=None)
    return held, (MailHeld(**common(held, now)),)


def release(envoi: Envoi, by: str, now: datetime) -> Changed:
    """Try a held or deferred mail now.

    One that is no longer valid expires instead. Raises TransitionForbidden.
    """
    if envoi.is_expired(now):
        return expire(envoi, now)
    queued = _move(envoi, EtatEnvoi.EN_FILE, next_attempt_at=now, tried_since=now)
    return queued, (MailReleased(by=by, **common(queued, now)),)


def _sent(envoi: Envoi, now: datetime) -> Changed:
    closed = _close(envoi, EtatEnvoi.ENVOYE, now)
    return closed, (MailSent(message_id=closed.message_id, **common(closed, now)),)


def _failed(envoi: Envoi, result: Rejected, now: datetime) -> Changed:
    closed = _close(envoi, EtatEnvoi.ECHEC, now)
    fact = MailFailed(
        smtp_code=result.smtp_code, smtp_status=result.smtp_status, **common(closed, now)
    )
    return closed, (fact,)


def _deferred(envoi: Envoi, result: Deferred, now: datetime) -> Changed:
    again_at = next_attempt(envoi.attempts, now, envoi.limit)
    waiting = _move(envoi, EtatEnvoi.DIFFERE, next_attempt_at=again_at)
    fact = MailDeferred(
        smtp_code=result.smtp_code,
        smtp_status=result.smtp_status,
        next_attempt_at=again_at,
        **common(waiting, now),
    )
    return waiting, (fact,)


def _close(
    envoi: Envoi, etat: EtatEnvoi, now: datetime, *, motif: MotifAbandon | None = None
) -> Envoi:
    """End a mail: what it said and an address of its own are forgotten with it."""
    return _move(
        envoi,
        etat,
        sealed=None,
        valeurs=None,
        adresse=None,
        next_attempt_at=None,
        ended_at=now,
        motif=motif,
    )


def _move(envoi: Envoi, etat: EtatEnvoi, **changes: object) -> Envoi:
    if etat not in TRANSITIONS[envoi.etat]:
        raise TransitionForbidden
    return envoi.changed(etat=etat, a_son_tour=False, **changes)


def common(envoi: Envoi, now: datetime) -> dict[str, Any]:
    """What every fact about a mail tells."""
    return {
        "mail_id": envoi.id,
        "user_id": envoi.user_id,
        "modele": envoi.modele.value,
        "attempts": envoi.attempts,
        "at": now,
    }
