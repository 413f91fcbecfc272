"""Sessions: kept server side, 30 minutes idle [seed 001] and 12 hours in all."""

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from services.identity.domain.compte import Compte
from shared.contracts.comptes import EtatCompte
from shared.path.decision import Document

IDLE = timedelta(minutes=30)
"""A session ends after 30 minutes without activity [seed 001]."""
ABSOLUTE = timedelta(hours=12)
"""And after 12 hours whatever happens (NIST SP 800-63B-4, AAL2)."""
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


def draw_token() -> str:
    """A session's token: 256 random bits."""
    return secrets.token_urlsafe(32)


def id_of(token: str) -> str:
    """The id of a session from its token."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_open(session: Session, compte: Compte, now: datetime) -> bool:
    """Whether a session still opens anything."""
    return (
        compte.etat is EtatCompte.OUVERT
        and session.epoque == compte.epoque
        and now - session.seen_at < IDLE
        and now - session.opened_at < ABSOLUTE
    )
