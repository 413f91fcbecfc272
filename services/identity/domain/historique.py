"""The history of an account: what was done with it, when, by whom; sign-ins are no part of it."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

MOST_ACTES = 50
"""Acts kept of one account, the newest (assumed: years of an ordinary life)."""


class NatureActe(StrEnum):
    """What may be done with an account."""

    CREATION = "creation"
    OUVERTURE = "ouverture"
    MODIFICATION = "modification"
    CHANGEMENT_ADRESSE = "changement_adresse"
    CLOTURE_PREVUE = "cloture_prevue"
    CLOTURE = "cloture"
    REOUVERTURE = "reouverture"
    ENVOI_IDENTIFIANT = "envoi_identifiant"
    REINITIALISATION = "reinitialisation"
    EXPIRATION = "expiration"
    PERSONNALISATION = "personnalisation"
    MISE_A_JOUR = "mise_a_jour"
    """A new password, chosen at sign-in."""
    ACCEPTATION_REGLES = "acceptation_regles"


class Acte(BaseModel):
    """One act; `par` is the id of an account, or of the service or system that did it."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    at: datetime
    acte: NatureActe
    par: str
