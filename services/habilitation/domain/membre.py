"""Who belongs to which groups, from when to when, and who put an end to it."""

from collections.abc import Iterator
from datetime import date
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from services.habilitation.domain.etats import EtatAppartenance
from shared.calendrier import Jour
from shared.path.decision import Document


class Appartenance(BaseModel):
    """A membership from `debut` on, up to `fin`, that day left out."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    groupe_id: str
    debut: Jour
    fin: Jour | None = None
    par: str
    """Who put the person in it."""
    fin_par: str | None = None
    """Who put an end to it."""
    debut_dit: bool = True
    """Whether its first day has come and was told."""
    fin_dite: bool = False
    """Whether its last day has passed and was told."""

    def holds(self, day: date) -> bool:
        """Whether it gives anything that day."""
        return self.debut <= day and not self.is_over(day)

    def is_over(self, day: date) -> bool:
        """Whether it is past that day."""
        return self.fin is not None and self.fin <= day

    def etat_at(self, day: date) -> EtatAppartenance:
        """The state by the calendar."""
        if self.is_over(day):
            return EtatAppartenance.FINIE
        return EtatAppartenance.EN_COURS if self.debut <= day else EtatAppartenance.A_VENIR

    @property
    def is_empty(self) -> bool:
        """Whether it holds on no day: ended on its first one, or before."""
        return self.fin is not None and self.fin <= self.debut

    def overlaps(self, other: "Appartenance") -> bool:
        """Whether both hold on some day."""
        first = max(self.debut, other.debut)
        ends = [each.fin for each in (self, other) if each.fin is not None]
        return all(first < fin for fin in ends)

    def ended(self, fin: date, par: str) -> "Appartenance":
        """The same, up to that day, and who decided so."""
        return self.model_copy(update={"fin": fin, "fin_par": par, "fin_dite": False})

    def told_at(self, day: date) -> "Appartenance":
        """The same, once somebody told how it is that day."""
        return self.model_copy(
            update={"debut_dit": self.debut <= day, "fin_dite": self.is_over(day)}
        )

    def is_due(self, day: date) -> bool:
        """Whether it has begun, or is over, and nobody told."""
        return (self.debut <= day and not self.debut_dit) or (
            self.is_over(day) and not self.fin_dite
        )


class Membre(Document):
    """A person and the groups that they belong, belonged or will belong to; id = the user's."""

    COLLECTION: ClassVar[str] = "membres"

    convention_id: str
    appartenances: tuple[Appartenance, ...] = ()
    accueilli: bool = False
    """Whether the groups that the account was created for were looked at: once, for ever."""

    def going_on(self, day: date) -> tuple[Appartenance, ...]:
        """The memberships that are not over: present and to come."""
        return tuple(each for each in self.appartenances if not each.is_over(day))

    def in_groupe(self, groupe_id: str, day: date) -> Appartenance | None:
        """The membership of a group that is not over."""
        going_on: Iterator[Appartenance] = iter(self.going_on(day))
        return next((each for each in going_on if each.groupe_id == groupe_id), None)

    def groupes(self, day: date) -> tuple[str, ...]:
        """The groups that the person belongs to that day."""
        return tuple(each.groupe_id for each in self.appartenances if each.holds(day))
