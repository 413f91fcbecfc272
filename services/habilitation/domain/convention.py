"""A convention d'accès MCP: one per organisme, and all that was signed under it [seed 003]."""

from datetime import date, datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, computed_field

from services.habilitation.domain.mention import Mention
from shared.calendrier import Jour
from shared.contracts.conventions import (
    NEED_ELIGIBILITE,
    CodeService,
    EtatConvention,
    EtatService,
    Portee,
    Rang,
    etat_on,
)
from shared.path.decision import Document
from shared.recherche import searchable


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Contrat(_Part):
    """The contrat de service: who manages habilitations [seed 001]."""

    signe_le: Jour
    gestion_deleguee: bool


class Profil(_Part):
    """A CDAP profile granted, with what it is for [seed 002][seed 003]."""

    profil: str
    missions: str
    finalite: str
    fondement: str
    destinataires: str
    portee: Portee = Portee.CAF
    cafs: tuple[str, ...] = ()
    condition: str | None = None
    condition_confirmee: bool = False
    confirmation: Mention | None = None
    """When the Caf confirmed it, who."""

    @property
    def is_usable(self) -> bool:
        """Whether a group may have it: its own condition, if it has one, is confirmed."""
        return self.condition is None or self.condition_confirmee


class ServiceSigne(_Part):
    """One service of the convention: its bulletin d'adhésion and what else it needs."""

    service: CodeService
    etat: EtatService
    bulletin: Jour
    eligibilite: Jour | None = None
    motif: str | None = None
    suspension: Mention | None = None
    """While it is suspended: since when, by whom."""
    reprise: Mention | None = None
    """Once a suspension was lifted: when, by whom."""
    resiliation: Mention | None = None
    """Once its bulletin is over: since when, by whom."""
    profils: tuple[Profil, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether it is used: signed, neither suspended nor over, éligibilité where needed."""
        eligible = self.eligibilite is not None or self.service not in NEED_ELIGIBILITE
        return self.etat is EtatService.SIGNE and eligible

    def profil(self, code: str | None) -> Profil | None:
        """A profile that the convention grants."""
        return next((each for each in self.profils if each.profil == code), None)


class Administrateur(_Part):
    """An administrateur partenaire."""

    user_id: str
    rang: Rang
    depuis: datetime


class Convention(Document):
    """A convention; id = its number. Every right of its people hangs on it."""

    COLLECTION: ClassVar[str] = "conventions"

    siret: str
    organisme: str
    type_organisme: str
    departements: tuple[str, ...]
    caf: str
    etat: EtatConvention = EtatConvention.BROUILLON
    """The state last told; `etat_at` says what it is by the calendar."""
    validee: bool = False
    """Signed by all; it opens on its opening day."""
    ouverture: Jour
    cloture: Jour | None = None
    motif: str | None = None
    suspension: Mention | None = None
    """While it is suspended: since when, by whom; `motif` is why."""
    reprise: Mention | None = None
    """Once a suspension was lifted: when, by whom."""
    contrat: Contrat | None = None
    services: tuple[ServiceSigne, ...] = ()
    administrateurs: tuple[Administrateur, ...] = ()

    @computed_field  # type: ignore[prop-decorator] # pydantic's own way
    @property
    def organisme_cherche(self) -> str:
        """The name of the organisme as lists search and order it."""
        return searchable(self.organisme)

    def etat_at(self, day: date) -> EtatConvention:
        """The state by the calendar: open from `ouverture` on, closed from `cloture` on."""
        return EtatConvention(
            etat_on(
                day,
                etat=self.etat,
                validee=self.validee,
                ouverture=self.ouverture,
                cloture=self.cloture,
            )
        )

    def is_open(self, day: date) -> bool:
        """Whether its people may do anything."""
        return self.etat_at(day) is EtatConvention.OUVERTE

    @property
    def gestion_deleguee(self) -> bool:
        """Whether the partner manages its habilitations; without a contrat, the Caf does."""
        return self.contrat is not None and self.contrat.gestion_deleguee

    def opens(self, service: ServiceSigne, day: date) -> bool:
        """Whether its groups may give that service: all that is signed with the Caf holds."""
        return self.is_open(day) and self.contrat is not None and service.is_open

    def service(self, code: str) -> ServiceSigne | None:
        """What was signed of a service."""
        return next((each for each in self.services if each.service == code), None)

    def with_service(self, changed: ServiceSigne) -> "Convention":
        """The same convention with one service changed in its place, or new at the end."""
        if self.service(changed.service) is None:
            return self.changed(services=(*self.services, changed))
        kept = (changed if each.service == changed.service else each for each in self.services)
        return self.changed(services=tuple(kept))

    def is_administrateur(self, user_id: str) -> bool:
        """Whether a person is one of its administrateurs."""
        return any(each.user_id == user_id for each in self.administrateurs)


class SiretReserve(Document):
    """The reservation of a SIRET: one convention that is not closed [seed 003]."""

    COLLECTION: ClassVar[str] = "sirets"

    convention_id: str | None = None
    """None once the convention is closed: another may be registered (assumed)."""
