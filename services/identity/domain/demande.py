"""An account that habilitation asked for and that was not made: why, for whoever asked."""

from datetime import datetime
from typing import ClassVar

from shared.contracts.habilitation_demandes import AccountRequested
from shared.contracts.identity import AccountRefused
from shared.errors import Refusal
from shared.path.decision import Decision, Document, Told


class Demande(Document):
    """The last refusal of an account asked for; id = that of the account, which was not made."""

    COLLECTION: ClassVar[str] = "demandes"

    motif: str
    refusee_le: datetime


def refuse(
    before: Demande | None, asked: AccountRequested, refusal: Refusal, now: datetime
) -> Decision:
    """Tell that the rule says no, so that habilitation takes back what it gave.

    Writes:  demandes
    Tells:   AccountRefused
    """
    demande = before or Demande(id=asked.user_id, motif=refusal.code, refusee_le=now)
    demande = demande.changed(motif=refusal.code, refusee_le=now)
    told = AccountRefused(
        user_id=asked.user_id,
        convention_id=asked.convention_id,
        titre=asked.titre,
        motif=refusal.code,
        asked_by=asked.asked_by,
        at=now,
    )
    return Decision((demande,), (Told(demande, told),))
