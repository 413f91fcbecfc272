"""What habilitation tells: conventions and their administrateurs, groups, who belongs to them.

The contract precedes the service: whoever must decide by it keeps a copy of it already.
Each fact carries the whole state of its aggregate, so that a copy needs the last one only.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from shared.contracts.envelope import (
    Code,
    CodeCaf,
    Fact,
    Id,
    Message,
    NumeroConvention,
    Snapshot,
    message_type,
)
from shared.contracts.topics import CONVENTIONS, ROLE_ASSIGNMENTS

SERVICE = "habilitation"

MOST_ADMINISTRATEURS = 2
"""A principal and an optional suppléant [seed 000][seed 003]."""
MOST_APPARTENANCES = 200
"""Memberships of one person in one fact, past ones left out (assumed: people are in a few)."""

Siret = Annotated[str, StringConstraints(pattern=r"^[0-9]{14}$")]
"""Number of an establishment: 14 digits; its key is checked by habilitation."""

Libelle = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""The name of an organisme or of a group, as typed."""

CodeGroupe = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,32}$")]
"""Code of a group, such as T1AS; never changes [seed 002]."""


class EtatConvention(StrEnum):
    """State of a convention [seed 001]; suspension is an outcome of the control plan [seed 003]."""

    OUVERTE = "ouverte"
    SUSPENDUE = "suspendue"
    CLOTUREE = "cloturee"


class NatureGroupe(StrEnum):
    """Who made a group and what for: the two AFAS groups are the Caf's [seed 001][seed 002]."""

    PARTENAIRE = "partenaire"
    AFAS_HABILITER = "afas_habiliter"
    AFAS_DECLARER = "afas_declarer"


class _ConventionFact(Fact):
    TOPIC = CONVENTIONS
    KEY = "convention_id"

    convention_id: NumeroConvention
    siret: Siret
    organisme: Libelle
    caf: CodeCaf
    gestion_deleguee: bool
    etat: Code
    administrateurs: Annotated[tuple[Id, ...], Field(max_length=MOST_ADMINISTRATEURS)]
    at: AwareDatetime


class ConventionOpened(_ConventionFact):
    """A convention was opened; `caf` is its Caf pivot."""

    TYPE = message_type(SERVICE, "convention_opened")


class ConventionUpdated(_ConventionFact):
    """What is known of a convention changed: name, Caf pivot, gestion déléguée."""

    TYPE = message_type(SERVICE, "convention_updated")


class ConventionSuspended(_ConventionFact):
    """Nobody of it may do anything until it is resumed."""

    TYPE = message_type(SERVICE, "convention_suspended")


class ConventionResumed(_ConventionFact):
    """A suspended convention is open again."""

    TYPE = message_type(SERVICE, "convention_resumed")


class ConventionClosed(_ConventionFact):
    """A convention was closed."""

    TYPE = message_type(SERVICE, "convention_closed")


class AdministrateurDesignated(_ConventionFact):
    """The Caf designated an administrateur; he is in `administrateurs`."""

    TYPE = message_type(SERVICE, "administrateur_designated")

    user_id: Id


class AdministrateurRelieved(_ConventionFact):
    """Somebody is no longer administrateur."""

    TYPE = message_type(SERVICE, "administrateur_relieved")

    user_id: Id


class ConventionSnapshot(_ConventionFact, Snapshot):
    """The present state of a convention, told again."""

    TYPE = message_type(SERVICE, "convention_snapshot")


class _GroupeFact(Fact):
    TOPIC = ROLE_ASSIGNMENTS
    KEY = "convention_id"

    convention_id: NumeroConvention
    groupe_id: Id
    code: CodeGroupe
    libelle: Libelle
    nature: Code
    responsable_id: Id
    ouverture: date
    cloture: date | None = None
    at: AwareDatetime


class GroupeOpened(_GroupeFact):
    """A group was made, with its one responsable."""

    TYPE = message_type(SERVICE, "groupe_opened")


class GroupeUpdated(_GroupeFact):
    """A group changed: libellé, dates, responsable."""

    TYPE = message_type(SERVICE, "groupe_updated")


class GroupeClosed(_GroupeFact):
    """A group was closed: belonging to it gives nothing."""

    TYPE = message_type(SERVICE, "groupe_closed")


class GroupeSnapshot(_GroupeFact, Snapshot):
    """The present state of a group, told again."""

    TYPE = message_type(SERVICE, "groupe_snapshot")


class Appartenance(BaseModel):
    """A person belongs to a group from `debut` on, up to `fin`, that day left out."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, hide_input_in_errors=True)

    groupe_id: Id
    debut: date
    fin: date | None = None


class _MembreFact(Fact):
    TOPIC = ROLE_ASSIGNMENTS
    KEY = "convention_id"

    convention_id: NumeroConvention
    user_id: Id
    appartenances: Annotated[tuple[Appartenance, ...], Field(max_length=MOST_APPARTENANCES)]
    at: AwareDatetime


class AppartenanceAdded(_MembreFact):
    """A person was put in a group; carries all memberships that are not over."""

    TYPE = message_type(SERVICE, "appartenance_added")

    groupe_id: Id


class AppartenanceEnded(_MembreFact):
    """A person was taken out of a group, or will be at `fin`."""

    TYPE = message_type(SERVICE, "appartenance_ended")

    groupe_id: Id


class AppartenancesSnapshot(_MembreFact, Snapshot):
    """The present memberships of a person, told again."""

    TYPE = message_type(SERVICE, "appartenances_snapshot")


MESSAGES: tuple[type[Message], ...] = (
    ConventionOpened,
    ConventionUpdated,
    ConventionSuspended,
    ConventionResumed,
    ConventionClosed,
    AdministrateurDesignated,
    AdministrateurRelieved,
    ConventionSnapshot,
    GroupeOpened,
    GroupeUpdated,
    GroupeClosed,
    GroupeSnapshot,
    AppartenanceAdded,
    AppartenanceEnded,
    AppartenancesSnapshot,
)
