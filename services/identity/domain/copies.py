"""What habilitation told, as identity keeps it: conventions, groups, who belongs to them.

Copies of another's facts: they may lag behind it, and reading one moves nothing.
"""

from datetime import date
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from shared.calendrier import Jour
from shared.contracts.conventions import EtatConvention, NatureGroupe, etat_on
from shared.path.decision import Document, Key


class Convention(Document):
    """A convention; id = its number. `caf` is its Caf pivot."""

    COLLECTION: ClassVar[str] = "conventions"
    FOREIGN: ClassVar[bool] = True

    organisme: str
    caf: str
    gestion_deleguee: bool
    etat: str
    """The state last told: a draft and one that is not signed open nothing."""
    validee: bool | None = None
    """Signed by all: it opens on `ouverture`, told or not."""
    ouverture: Jour | None = None
    cloture: Jour | None = None
    administrateurs: tuple[str, ...] = ()

    def is_open(self, day: date) -> bool:
        """Whether its people may do anything: neither suspended nor closed."""
        return self._etat_on(day) == EtatConvention.OUVERTE

    def is_over(self, day: date) -> bool:
        """Whether it is closed, told or not: the calendar does not wait for habilitation."""
        return self._etat_on(day) == EtatConvention.CLOTUREE

    def _etat_on(self, day: date) -> str:
        return etat_on(
            day,
            etat=self.etat,
            validee=self.validee,
            ouverture=self.ouverture,
            cloture=self.cloture,
        )


class Groupe(Document):
    """A group of a convention, with its one responsable."""

    COLLECTION: ClassVar[str] = "droits"
    FOREIGN: ClassVar[bool] = True

    convention_id: str
    code: str
    nature: str
    responsable_id: str
    ouverture: Jour
    cloture: Jour | None = None

    PREFIX: ClassVar[str] = "groupe/"

    @classmethod
    def key_for(cls, groupe_id: str) -> "Key[Groupe]":
        """The key of a group: groups and members share a collection, which one topic fills."""
        return cls.key_of(cls.PREFIX + groupe_id)

    @property
    def groupe_id(self) -> str:
        """Its id, as habilitation tells it."""
        return self.id.removeprefix(self.PREFIX)

    def is_open(self, day: date) -> bool:
        """Whether belonging to it gives anything that day."""
        return self.ouverture <= day and self.goes_on(day)

    def goes_on(self, day: date) -> bool:
        """Whether it is not closed that day; it may open later."""
        return self.cloture is None or day < self.cloture

    def is_of(self, nature: NatureGroupe) -> bool:
        """Whether it is one of the Caf's AFAS groups, or the partner's own."""
        return self.nature == nature


class Appartenance(BaseModel):
    """A membership from `debut` on, up to `fin`, that day left out."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    groupe_id: str
    debut: Jour
    fin: Jour | None = None

    def holds(self, day: date) -> bool:
        """Whether it gives anything that day."""
        return self.debut <= day and (self.fin is None or day < self.fin)

    def lasted(self, cloture: date) -> bool:
        """Whether it was given up on the day that the account closed, or never."""
        return self.debut <= cloture and (self.fin is None or cloture <= self.fin)


class Membre(Document):
    """A person and the groups that they belong to."""

    COLLECTION: ClassVar[str] = "droits"
    FOREIGN: ClassVar[bool] = True

    convention_id: str
    appartenances: tuple[Appartenance, ...] = ()

    PREFIX: ClassVar[str] = "membre/"

    @classmethod
    def key_for(cls, user_id: str) -> "Key[Membre]":
        """The key of a person's memberships."""
        return cls.key_of(cls.PREFIX + user_id)

    @property
    def user_id(self) -> str:
        """Whose memberships they are."""
        return self.id.removeprefix(self.PREFIX)

    def groupes(self, day: date) -> tuple[str, ...]:
        """The groups that the person belongs to that day."""
        return tuple(each.groupe_id for each in self.appartenances if each.holds(day))

    def groupes_left(self, cloture: date) -> tuple[str, ...]:
        """The groups that the person belonged to until that day, on which the account closed."""
        return tuple(each.groupe_id for each in self.appartenances if each.lasted(cloture))
