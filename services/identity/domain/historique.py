"""The history of an account: what was done with it, when, by whom; sign-ins are no part of it."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

MOST_ACTES = 50
"""Acts kept of one account, the newest (assumed: years of an ordinary life)."""
INCONNU = "inconnu"
"""By whom, where nobody knows: whoever filled in « Mot de passe oublié »."""


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


UNIQUES = frozenset(
    {
        NatureActe.CREATION,
        NatureActe.OUVERTURE,
        NatureActe.CHANGEMENT_ADRESSE,
        NatureActe.CLOTURE_PREVUE,
        NatureActe.CLOTURE,
        NatureActe.REOUVERTURE,
    }
)
"""Acts kept one by one; no number of others makes them forgotten."""


class Acte(BaseModel):
    """One act; `par` is the id of an account, or of the service or system that did it.

    One that is repeated by the same is kept once: how often, when first, when last (`at`).
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    at: datetime
    acte: NatureActe
    par: str
    fois: int = 1
    depuis: datetime | None = None
    """When it was first done, if more than once."""

    def after(self, before: "Acte") -> "Acte":
        """The same, done again: one with that before it."""
        first = before.depuis or before.at
        return self.model_copy(update={"fois": before.fois + 1, "depuis": first})


def noted(actes: tuple[Acte, ...], acte: Acte) -> tuple[Acte, ...]:
    """A history with one more act.

    Whoever may repeat an act at will, be it anybody, makes nothing else forgotten: repeats are one,
    and where there are too many acts, the oldest that may be repeated goes first. The first act,
    which made the account, never goes.
    """
    if acte.acte not in UNIQUES:
        alike = [each for each in actes if (each.acte, each.par) == (acte.acte, acte.par)]
        for each in alike[-1:]:
            acte = acte.after(each)
        actes = tuple(each for each in actes if each not in alike[-1:])
    actes = (*actes, acte)
    if len(actes) <= MOST_ACTES:
        return actes
    others = (n for n, each in enumerate(actes[:-1]) if each.acte not in UNIQUES)
    gone = next(others, 1)
    return actes[:gone] + actes[gone + 1 :]
