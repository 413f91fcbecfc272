"""A mail to one person, from the fact that asks for it to its end."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from services.notifications.domain.destinataire import Destinataire
from services.notifications.domain.errors import TransitionForbidden
from services.notifications.domain.reprises import DUREE_MAX, next_attempt
from services.notifications.domain.tentative import Accepted, Deferred, Rejected, Result
from shared.contracts.envelope import Fact
from shared.contracts.identity import IdentifiantIssued, TemporaryPasswordIssued
from shared.contracts.notifications import (
    MailAbandoned,
    MailDeferred,
    MailExpired,
    MailFailed,
    MailSent,
    MotifAbandon,
)
from shared.ids import derive_id
from shared.path.decision import Document


class Modele(StrEnum):
    """What is written: one folder of templates each."""

    IDENTIFIANT = "identifiant"
    MOT_DE_PASSE_PROVISOIRE = "mot_de_passe_provisoire"


class EtatEnvoi(StrEnum):
    """State of a mail."""

    EN_FILE = "en_file"
    DIFFERE = "differe"
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
    EtatEnvoi.ENVOYE: "Envoyé",
    EtatEnvoi.ECHEC: "Refusé par le serveur",
    EtatEnvoi.ABANDONNE: "Abandonné",
    EtatEnvoi.EXPIRE: "Expiré avant envoi",
}

_A_ENVOYER = frozenset(EtatEnvoi) - {EtatEnvoi.EN_FILE}
_DEJA_PARTI = frozenset({EtatEnvoi.ENVOYE})
TRANSITIONS: Mapping[EtatEnvoi, frozenset[EtatEnvoi]] = {
    EtatEnvoi.EN_FILE: _A_ENVOYER,
    EtatEnvoi.DIFFERE: _A_ENVOYER,
    # Given up while an attempt was on its way: what the server took is sent all the same.
    EtatEnvoi.ECHEC: _DEJA_PARTI,
    EtatEnvoi.ABANDONNE: _DEJA_PARTI,
    EtatEnvoi.EXPIRE: _DEJA_PARTI,
    EtatEnvoi.ENVOYE: frozenset(),
}
"""The only table of transitions. A retried mail stays DIFFERE until an attempt ends otherwise."""

OUVERTS = frozenset({EtatEnvoi.EN_FILE, EtatEnvoi.DIFFERE})
"""The states in which a mail still waits to be sent."""


class Envoi(Document):
    """One mail: what it is for, where its secret is sealed, how far it got.

    `sealed` holds recipient and secret and goes as soon as the mail waits no longer.
    """

    COLLECTION: ClassVar[str] = "envois"

    user_id: str
    modele: Modele
    generation: int
    key_id: str
    sealed: str | None
    etat: EtatEnvoi
    attempts: int
    next_attempt_at: datetime | None
    expires_at: datetime
    message_id: str
    created_at: datetime
    motif: MotifAbandon | None = None

    @property
    def is_open(self) -> bool:
        """Whether it still waits to be sent."""
        return self.etat in OUVERTS

    @property
    def limit(self) -> datetime:
        """When it is given up: its secret is no longer valid, or it was tried for too long."""
        return min(self.expires_at, self.created_at + DUREE_MAX)

    def is_expired(self, now: datetime) -> bool:
        """Whether what it carries is no longer valid."""
        return now >= self.expires_at


Issued = IdentifiantIssued | TemporaryPasswordIssued
Changed = tuple[Envoi, tuple[Fact, ...]]


def mail_id(user_id: str, generation: int, modele: Modele) -> str:
    """The id of a mail, derived from the business: the same fact never makes two."""
    return derive_id("mail", user_id, str(generation), modele)


def queue(modele: Modele, issued: Issued, *, domain: str, now: datetime) -> Envoi:
    """A mail for what identity issued, to be sent at once.

    Shapes:  `domain` is the right-hand side of its Message-ID, which it keeps over all attempts
    """
    id = mail_id(issued.user_id, issued.generation, modele)
    return Envoi(
        id=id,
        user_id=issued.user_id,
        modele=modele,
        generation=issued.generation,
        key_id=issued.key_id,
        sealed=issued.sealed,
        etat=EtatEnvoi.EN_FILE,
        attempts=0,
        next_attempt_at=now,
        expires_at=issued.expires_at,
        message_id=f"<{id}@{domain}>",
        created_at=now,
    )


def reason_to_abandon(
    envoi: Envoi, destinataire: Destinataire | None, now: datetime
) -> MotifAbandon | None:
    """Why a mail must not be sent any more, though its secret has not expired; None to send it."""
    worthless = destinataire is not None and destinataire.makes_worthless(envoi.generation)
    if envoi.modele is Modele.MOT_DE_PASSE_PROVISOIRE and worthless:
        return MotifAbandon.DEPASSE
    return MotifAbandon.TROP_TARD if now >= envoi.limit else None


def record_attempt(envoi: Envoi, result: Result, now: datetime) -> Changed:
    """Take in what the server answered.

    A mail that was closed meanwhile only counts the attempt, unless the server took it.
    """
    tried = envoi.changed(attempts=envoi.attempts + 1)
    match result:
        case Accepted() if envoi.etat is not EtatEnvoi.ENVOYE:
            return _sent(tried, now)
        case Deferred() if envoi.is_open:
            return _deferred(tried, result, now)
        case Rejected() if envoi.is_open:
            return _failed(tried, result, now)
        case _:
            return tried, ()


def expire(envoi: Envoi, now: datetime) -> Changed:
    """Give up a mail whose secret is no longer valid. Raises TransitionForbidden."""
    closed = _close(envoi, EtatEnvoi.EXPIRE)
    return closed, (MailExpired(**_common(closed, now)),)


def abandon(envoi: Envoi, motif: MotifAbandon, now: datetime) -> Changed:
    """Give up a mail for another reason. Raises TransitionForbidden."""
    closed = _close(envoi, EtatEnvoi.ABANDONNE, motif=motif)
    return closed, (MailAbandoned(motif=motif, **_common(closed, now)),)


def _sent(envoi: Envoi, now: datetime) -> Changed:
    closed = _close(envoi, EtatEnvoi.ENVOYE)
    return closed, (MailSent(message_id=closed.message_id, **_common(closed, now)),)


def _failed(envoi: Envoi, result: Rejected, now: datetime) -> Changed:
    closed = _close(envoi, EtatEnvoi.ECHEC)
    fact = MailFailed(
        smtp_code=result.smtp_code, smtp_status=result.smtp_status, **_common(closed, now)
    )
    return closed, (fact,)


def _deferred(envoi: Envoi, result: Deferred, now: datetime) -> Changed:
    again_at = next_attempt(envoi.attempts, now, envoi.limit)
    waiting = _move(envoi, EtatEnvoi.DIFFERE, next_attempt_at=again_at)
    fact = MailDeferred(
        smtp_code=result.smtp_code,
        smtp_status=result.smtp_status,
        next_attempt_at=again_at,
        **_common(waiting, now),
    )
    return waiting, (fact,)


def _close(envoi: Envoi, etat: EtatEnvoi, *, motif: MotifAbandon | None = None) -> Envoi:
    return _move(envoi, etat, sealed=None, next_attempt_at=None, motif=motif)


def _move(envoi: Envoi, etat: EtatEnvoi, **changes: object) -> Envoi:
    if etat not in TRANSITIONS[envoi.etat]:
        raise TransitionForbidden
    return envoi.changed(etat=etat, **changes)


def _common(envoi: Envoi, now: datetime) -> dict[str, Any]:
    return {
        "mail_id": envoi.id,
        "user_id": envoi.user_id,
        "modele": envoi.modele.value,
        "attempts": envoi.attempts,
        "at": now,
    }
