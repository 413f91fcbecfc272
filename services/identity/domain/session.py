"""Sessions: kept server side, 30 minutes idle [seed 001] and 12 hours in all."""

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from services.identity.domain.compte import Compte
from services.identity.domain.copies import Convention
from shared.calendrier import day_of
from shared.contracts.comptes import EtatCompte, GenreCompte
from shared.path.decision import Document

IDLE = timedelta(minutes=30)
"""A session ends after 30 minutes without activity [seed 001]."""
ABSOLUTE = timedelta(hours=12)
"""And after 12 hours whatever happens (assumed; the reference cites the draft of NIST SP 800-63B
revision 4, AAL2)."""
SEEN_EVERY = timedelta(minutes=1)
"""How precisely activity is noted: not a write per request (assumed)."""


class Portee(StrEnum):
    """What a session opens."""

    COMPLETE = "complete"
    PERSONNALISATION = "personnalisation"


class Session(Document):
    """A session; its id is the hash of the token that only its owner holds."""

    COLLECTION: ClassVar[str] = "sessions"

    user_id: str
    portee: Portee
    epoque: int
    opened_at: datetime
    seen_at: datetime
    ended_at: datetime | None = None
    """When the person ended it."""


def draw_token() -> str:
    """A session's token: 256 random bits."""
    return secrets.token_urlsafe(32)


def id_of(token: str) -> str:
    """The id of a session from its token."""
    return hashlib.sha256(token.encode()).hexdigest()


def may_enter(compte: Compte, convention: Convention | None, now: datetime) -> bool:
    """Whether an account opens anything: open that day, and so is its convention.

    A convention that nothing is known of opens nothing.
    """
    day = day_of(now)
    if compte.etat_at(day) is not EtatCompte.OUVERT:
        return False
    if compte.genre is not GenreCompte.PARTENAIRE:
        return True
    return convention is not None and convention.is_open(day)


def is_open(session: Session, compte: Compte, convention: Convention | None, now: datetime) -> bool:
    """Whether a session still opens anything."""
    return (
        may_enter(compte, convention, now)
        and session.ended_at is None
        and session.epoque == compte.epoque
        and now - session.seen_at < IDLE
        and now - session.opened_at < ABSOLUTE
    )
