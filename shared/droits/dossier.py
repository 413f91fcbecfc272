"""What rights are decided on: small frozen values, read from facts, from a copy, from documents.

    dossier = Dossier(compte=…, convention=…, membre=…, groupes={"7d1f…": groupe})

Each part has the number of the last fact that told it (`seq`), its version. `read_compte`,
`read_convention`, `read_groupe` and `read_membre` make them of a mapping with the field names of
the facts: a row of a copy, `fact.model_dump()`, a document's `model_dump()`. What is not known is
None, and gives nothing. For « what if », `dataclasses.replace` a part and decide again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

from pydantic import TypeAdapter

from shared.contracts.comptes import EtatCompte, GenreCompte
from shared.contracts.conventions import EtatService, etat_on

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Compte:
    """Somebody's account, as identity told of it."""

    id: str
    genre: str
    etat: str
    convention_id: str | None = None
    caf: str | None = None
    fonctions: tuple[str, ...] = ()
    ouverture: date | None = None
    cloture: date | None = None
    seq: int = 0

    def is_closed(self, day: date) -> bool:
        """Whether it is closed that day, by what was told and by the calendar."""
        return self.etat == EtatCompte.CLOTURE or (self.cloture is not None and self.cloture <= day)

    def is_to_come(self, day: date) -> bool:
        """Whether its opening day is still to come."""
        return self.ouverture is not None and day < self.ouverture

    @property
    def is_bailleur(self) -> bool:
        """Whether it is a private landlord's, injected, without a convention [seed 003]."""
        return self.genre == GenreCompte.BAILLEUR

    @property
    def is_agent(self) -> bool:
        """Whether it is an internal account, whose rights are its functions [seed 001]."""
        return self.genre == GenreCompte.AGENT_CAF

    @property
    def is_without_partner(self) -> bool:
        """Whether no administrateur partenaire has anything to do with it."""
        return self.is_bailleur or self.is_agent


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """When something was done, and by whom; what was told before this was kept has none."""

    at: datetime
    par: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profil:
    """A CDAP profile that the convention grants."""

    profil: str
    portee: str
    cafs: tuple[str, ...] = ()
    condition: str | None = None
    condition_confirmee: bool = False
    confirmation: Mention | None = None
    """When the Caf confirmed it, who."""

    @property
    def is_usable(self) -> bool:
        """Whether its own condition, if it has one, is confirmed by the Caf [seed 002]."""
        return self.condition is None or self.condition_confirmee


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSigne:
    """What was signed of one service."""

    service: str
    etat: str
    bulletin: date
    eligibilite: date | None = None
    motif: str | None = None
    suspension: Mention | None = None
    """While it is suspended: since when, by whom."""
    reprise: Mention | None = None
    """Once a suspension was lifted: when, by whom."""
    resiliation: Mention | None = None
    """Once its bulletin is over: since when, by whom."""
    profils: tuple[Profil, ...] = ()

    @property
    def is_suspended(self) -> bool:
        """Whether the Caf suspended it."""
        return self.etat == EtatService.SUSPENDU

    @property
    def is_over(self) -> bool:
        """Whether its bulletin gives nothing any more; a state unknown here gives nothing."""
        return self.etat not in {EtatService.SIGNE, EtatService.SUSPENDU}

    def profil(self, code: str) -> Profil | None:
        """A profile that the convention grants."""
        return next((each for each in self.profils if each.profil == code), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Convention:
    """A convention and all that was signed under it."""

    id: str
    organisme: str
    caf: str
    gestion_deleguee: bool
    etat: str
    administrateurs: tuple[str, ...] = ()
    ouverture: date | None = None
    validee: bool | None = None
    """Signed by all: it opens on `ouverture`."""
    cloture: date | None = None
    contrat: date | None = None
    services: tuple[ServiceSigne, ...] = ()
    motif: str | None = None
    suspension: Mention | None = None
    """While it is suspended: since when, by whom; `motif` is why."""
    reprise: Mention | None = None
    """Once a suspension was lifted: when, by whom."""
    seq: int = 0

    def etat_at(self, day: date) -> str:
        """The state told last, or that of the calendar where its day came first."""
        return etat_on(
            day,
            etat=self.etat,
            validee=self.validee,
            ouverture=self.ouverture,
            cloture=self.cloture,
        )

    def service(self, code: str) -> ServiceSigne | None:
        """What was signed of a service."""
        return next((each for each in self.services if each.service == code), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """The one role of a group: a service, and for CDAP the profile."""

    service: str
    profil: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRetire:
    """The role that a group had last: when it was withdrawn or changed, by whom."""

    role: Role
    at: datetime
    par: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Groupe:
    """A group of the convention."""

    id: str
    convention_id: str
    code: str
    libelle: str
    nature: str
    responsable_id: str
    ouverture: date
    cloture: date | None = None
    role: Role | None = None
    role_attribue: Mention | None = None
    """Since when it has this role, who gave it."""
    role_retire: RoleRetire | None = None
    seq: int = 0

    def is_closed(self, day: date) -> bool:
        """Whether it gives nothing any more."""
        return self.cloture is not None and self.cloture <= day

    @property
    def has_had_role(self) -> bool:
        """Whether it has a role, or had one."""
        return self.role is not None or self.role_retire is not None

    def gives(self, service: str) -> bool:
        """Whether its role is one of that service."""
        return self.role is not None and self.role.service == service

    def gave(self, service: str) -> bool:
        """Whether the role that it had last was one of that service."""
        return self.role_retire is not None and self.role_retire.role.service == service


@dataclass(frozen=True, slots=True, kw_only=True)
class Appartenance:
    """A membership from `debut` on, up to `fin`, that day left out."""

    groupe_id: str
    debut: date
    fin: date | None = None
    fin_par: str | None = None

    def is_over(self, day: date) -> bool:
        """Whether it is past that day."""
        return self.fin is not None and self.fin <= day

    def holds(self, day: date) -> bool:
        """Whether it gives anything that day."""
        return self.debut <= day and not self.is_over(day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Membre:
    """Somebody's memberships: present, to come, and the past ones that are still told."""

    id: str
    convention_id: str
    appartenances: tuple[Appartenance, ...] = ()
    seq: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """All that is known of a person to decide: None is what nobody told of."""

    compte: Compte | None = None
    convention: Convention | None = None
    membre: Membre | None = None
    groupes: Mapping[str, Groupe] = field(default_factory=dict)
    """Those of the memberships, by id; others are not looked at."""


def _reader(model: type[T]) -> Callable[[Mapping[str, Any]], T]:
    validate = TypeAdapter(model).validate_python
    return lambda values: validate({name: v for name, v in values.items() if v is not None})


read_compte = _reader(Compte)
"""An account of what identity tells of it, with its `id`."""
read_convention = _reader(Convention)
"""A convention of what habilitation tells of it, with its `id`."""
read_groupe = _reader(Groupe)
"""A group of what habilitation tells of it, with its `id`."""
read_membre = _reader(Membre)
"""Memberships of what habilitation tells of them, with the person's `id`."""
