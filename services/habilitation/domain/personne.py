"""What identity told of people, as habilitation keeps it to decide and to show."""

from datetime import date, datetime
from typing import ClassVar

from pydantic import computed_field

from shared.calendrier import Jour
from shared.contracts.comptes import EtatCompte, GenreCompte
from shared.path.decision import Document
from shared.recherche import searchable


class Personne(Document):
    """The copy of an account: it may lag behind identity, and reading it moves nothing.

    A sign-in may be all that is known of one that is older than what the topic keeps: until it is
    told again (`republish`), it opens nothing.
    """

    COLLECTION: ClassVar[str] = "personnes"
    FOREIGN: ClassVar[bool] = True

    genre: str = ""
    convention_id: str | None = None
    nom: str = ""
    prenom: str = ""
    etat: str = EtatCompte.CLOTURE
    caf: str | None = None
    fonctions: tuple[str, ...] = ()
    ouverture: Jour | None = None
    cloture: Jour | None = None
    connecte_le: datetime | None = None
    """The last sign-in, as far as told."""

    @computed_field  # type: ignore[prop-decorator] # pydantic's own way
    @property
    def nom_cherche(self) -> str:
        """The last name as lists search and order it."""
        return searchable(self.nom)

    @computed_field  # type: ignore[prop-decorator] # pydantic's own way
    @property
    def prenom_cherche(self) -> str:
        """The first name as lists search and order it."""
        return searchable(self.prenom)

    @property
    def is_agent(self) -> bool:
        """Whether it is an internal account."""
        return self.genre == GenreCompte.AGENT_CAF

    def etat_at(self, day: date) -> EtatCompte:
        """The state of the account, by what was told and by the calendar."""
        if self.etat == EtatCompte.CLOTURE or (self.cloture is not None and self.cloture <= day):
            return EtatCompte.CLOTURE
        begun = self.ouverture is None or self.ouverture <= day
        return EtatCompte.OUVERT if begun else EtatCompte.A_OUVRIR

    def is_open(self, day: date) -> bool:
        """Whether the account opens anything that day."""
        return self.etat_at(day) is EtatCompte.OUVERT

    def is_over(self, day: date) -> bool:
        """Whether the account is closed that day."""
        return self.etat_at(day) is EtatCompte.CLOTURE

    @property
    def nom_complet(self) -> str:
        """First and last name, as screens show them."""
        return f"{self.prenom} {self.nom}".strip()
