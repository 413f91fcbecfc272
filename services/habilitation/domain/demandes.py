"""What the people of a convention asked of other services: how often, numbered by itself.

It is told on a topic that who decides rights does not read: the numbers of a convention's own
facts, by which the version of a right is compared (ADR-0021), know nothing of it.
"""

from datetime import datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from shared.errors import Refusal
from shared.frequence import WITHIN
from shared.path.decision import Document, State

MOST_COMPTES = 5_000
"""Accounts that one person asks for in an hour, in one convention, each of which is two mails
(assumed: the largest file of an import, so that no import is cut short)."""


class TooManyComptes(Refusal):
    """As many accounts as may be asked for within the hour."""

    code: ClassVar[str] = "trop_de_comptes_demandes"
    sentence: ClassVar[str] = (
        "Vous avez demandé trop de comptes depuis une heure : réessayez plus tard."
    )
    status: ClassVar[int] = 429


class ComptesDemandes(BaseModel):
    """How many accounts somebody asked for, in the hour that began `depuis`."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    par: str
    depuis: datetime
    nombre: int


class Demandes(Document):
    """The demands of one convention; id = its number."""

    COLLECTION: ClassVar[str] = "demandes"

    sollicitations: tuple[datetime, ...] = ()
    """When its administrateurs called on the Caf lately."""
    comptes: tuple[ComptesDemandes, ...] = ()
    """Who had accounts made for it lately, how many."""

    @classmethod
    def of(cls, convention_id: str, state: State) -> "Demandes":
        """Those of a convention, none so far if nothing is stored."""
        return state.get(cls.key_of(convention_id)) or cls(id=convention_id)

    def with_compte(self, by: str, now: datetime) -> "Demandes":
        """The same, with one more account that somebody asks for in this hour of theirs.

        An hour begins with the first account; those of hours that are over are forgotten.

        Raises: TooManyComptes
        """
        lately = [each for each in self.comptes if now - each.depuis < WITHIN]
        own = next((each for each in lately if each.par == by), None)
        since, before = (now, 0) if own is None else (own.depuis, own.nombre)
        if before >= MOST_COMPTES:
            raise TooManyComptes
        counted = ComptesDemandes(par=by, depuis=since, nombre=before + 1)
        return self.changed(comptes=(*(each for each in lately if each is not own), counted))
