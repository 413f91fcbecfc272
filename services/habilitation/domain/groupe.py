"""A group of a convention: rights belong to it, never to a person [seed 003]."""

from datetime import date, datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, computed_field

from services.habilitation.domain.etats import EtatGroupe
from services.habilitation.domain.mention import Mention
from shared.calendrier import Jour
from shared.contracts.conventions import CodeService, NatureGroupe
from shared.path.decision import Document
from shared.recherche import searchable


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Role(_Part):
    """The one role of a group [seed 002]."""

    service: CodeService
    profil: str | None = None


class RoleRetire(_Part):
    """The role that a group had last: when it was withdrawn or changed, and by whom."""

    role: Role
    at: datetime
    par: str


class Groupe(Document):
    """A group; id = `groupe_id`, its code never changes."""

    COLLECTION: ClassVar[str] = "groupes"

    convention_id: str
    code: str
    libelle: str
    nature: NatureGroupe = NatureGroupe.PARTENAIRE
    responsable_id: str
    ouverture: Jour
    cloture: Jour | None = None
    parent_id: str | None = None
    niveau: int = 1
    role: Role | None = None
    role_attribue: Mention | None = None
    """Since when it has this role, who gave it."""
    role_retire: RoleRetire | None = None
    adhesions: int = 0
    """How often somebody joined it: whoever read its members beforehand sees that one came."""
    sous_groupes: int = 0
    """How many groups hang under it."""
    supprime: bool = False
    ouverture_dite: bool = False
    """Whether its opening day has come and was told."""
    cloture_dite: bool = False
    """Whether its closing day has come and was told."""

    @computed_field  # type: ignore[prop-decorator] # pydantic's own way
    @property
    def code_cherche(self) -> str:
        """The code as lists search and order it, and as it is reserved."""
        return self.code.upper()

    @computed_field  # type: ignore[prop-decorator] # pydantic's own way
    @property
    def libelle_cherche(self) -> str:
        """The libellé as lists search it."""
        return searchable(self.libelle)

    def goes_on(self, day: date) -> bool:
        """Whether it is not closed that day; it may open later."""
        return not self.supprime and (self.cloture is None or day < self.cloture)

    def is_open(self, day: date) -> bool:
        """Whether belonging to it gives anything that day."""
        return self.ouverture <= day and self.goes_on(day)

    def etat_at(self, day: date) -> EtatGroupe:
        """The state by the calendar."""
        if self.supprime:
            return EtatGroupe.SUPPRIME
        if not self.goes_on(day):
            return EtatGroupe.CLOTURE
        return EtatGroupe.OUVERT if self.ouverture <= day else EtatGroupe.A_VENIR

    def joined(self) -> "Groupe":
        """The same, once somebody joined it."""
        return self.changed(adhesions=self.adhesions + 1)


class CodeReserve(Document):
    """The reservation of a group's code in its convention; id = `<convention>/<code>`."""

    COLLECTION: ClassVar[str] = "codes"

    groupe_id: str | None
    """None once the group was deleted."""

    @classmethod
    def id_for(cls, convention_id: str, code: str) -> str:
        """Codes differ in more than their case (assumed: T1as is read as T1AS)."""
        return f"{convention_id}/{code.upper()}"
