"""What habilitation tells: conventions and their administrateurs, groups, who belongs to them.

Each fact carries the whole state of its aggregate, so that a copy needs the last one only.
"""

from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, Field

from shared.contracts import habilitation_commands
from shared.contracts.conventions import (
    MOST_ADMINISTRATEURS,
    MOST_APPARTENANCES,
    MOST_DEPARTEMENTS,
    MOST_PASSEES,
    Appartenance,
    CodeGroupe,
    Departement,
    Libelle,
    Mention,
    Role,
    RoleRetire,
    ServiceConventionne,
    Siret,
)
from shared.contracts.envelope import (
    Code,
    CodeCaf,
    Fact,
    Id,
    Message,
    NumeroConvention,
    Refused,
    ShortText,
    Snapshot,
    message_type,
)
from shared.contracts.habilitation_commands import ASKED
from shared.contracts.habilitation_demandes import AccountRequested, CafSollicitee
from shared.contracts.topics import CONVENTIONS, ROLE_ASSIGNMENTS, refusals_topic

SERVICE = habilitation_commands.SERVICE


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
    principal_id: Id | None = None
    """Which of them is the principal; the other is the suppléant."""
    type_organisme: Code | None = None
    departements: Annotated[tuple[Departement, ...], Field(max_length=MOST_DEPARTEMENTS)] | None = (
        None
    )
    """Where the organisme is active; the first is that of its siège."""
    ouverture: date | None = None
    validee: bool | None = None
    """Signed by all: one that is still `a_signer` opens on `ouverture`, told or not."""
    cloture: date | None = None
    contrat: date | None = None
    services: tuple[ServiceConventionne, ...] | None = None
    motif: ShortText | None = None
    suspension: Mention | None = None
    """Since when it is suspended, by whom; `motif` is why."""
    reprise: Mention | None = None
    """When its last suspension was lifted, by whom."""
    at: AwareDatetime


class ConventionRegistered(_ConventionFact):
    """An organisme partenaire and its convention were registered; a draft opens nothing."""

    TYPE = message_type(SERVICE, "convention_registered")


class ConventionPresented(_ConventionFact):
    """A convention waits for its signatures."""

    TYPE = message_type(SERVICE, "convention_presented")


class ConventionOpened(_ConventionFact):
    """A convention was opened; `caf` is its Caf pivot."""

    TYPE = message_type(SERVICE, "convention_opened")


class ConventionUpdated(_ConventionFact):
    """What is known of a convention changed: name, Caf pivot, dates, gestion déléguée."""

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
    """Somebody is no longer administrateur; `refus` is why identity made no account for him."""

    TYPE = message_type(SERVICE, "administrateur_relieved")

    user_id: Id
    refus: Code | None = None


class ServiceOpened(_ConventionFact):
    """The bulletin of a service was signed; `services` says what is still missing."""

    TYPE = message_type(SERVICE, "service_opened")

    service: Code


class ServiceUpdated(_ConventionFact):
    """A service of a convention changed: profiles granted, condition confirmed, éligibilité."""

    TYPE = message_type(SERVICE, "service_updated")

    service: Code


class ServiceSuspended(_ConventionFact):
    """One service of a convention was suspended; its `motif` is in `services`."""

    TYPE = message_type(SERVICE, "service_suspended")

    service: Code


class ServiceResumed(_ConventionFact):
    """One service of a convention goes on."""

    TYPE = message_type(SERVICE, "service_resumed")

    service: Code


class ServiceClosed(_ConventionFact):
    """One service of a convention is over: its bulletin was terminated."""

    TYPE = message_type(SERVICE, "service_closed")

    service: Code


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
    parent_id: Id | None = None
    niveau: Annotated[int, Field(ge=1)] | None = None
    role: Role | None = None
    role_attribue: Mention | None = None
    """Since when it has this role, who gave it."""
    role_retire: RoleRetire | None = None
    supprime: bool | None = None
    """Whether it is there no more, which a group that is closed still is."""
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


class GroupeStarted(_GroupeFact):
    """The opening date of a group has come."""

    TYPE = message_type(SERVICE, "groupe_started")


class GroupeReopened(_GroupeFact):
    """The closing date of a group was taken away."""

    TYPE = message_type(SERVICE, "groupe_reopened")


class GroupeDeleted(_GroupeFact):
    """A group that was empty is there no more; `cloture` is that day."""

    TYPE = message_type(SERVICE, "groupe_deleted")


class RoleAssigned(_GroupeFact):
    """A group got its role, or another; its members have it at once.

    `avertissement`: the libellé does not begin with the profile [seed 002].
    """

    TYPE = message_type(SERVICE, "role_assigned")

    assigned_by: Id
    avertissement: Code | None = None


class RoleWithdrawn(_GroupeFact):
    """A group lost its role; `role_retire` says which, when, by whom."""

    TYPE = message_type(SERVICE, "role_withdrawn")


class GroupeSnapshot(_GroupeFact, Snapshot):
    """The present state of a group, told again."""

    TYPE = message_type(SERVICE, "groupe_snapshot")


class _MembreFact(Fact):
    TOPIC = ROLE_ASSIGNMENTS
    KEY = "convention_id"

    convention_id: NumeroConvention
    user_id: Id
    appartenances: Annotated[tuple[Appartenance, ...], Field(max_length=MOST_APPARTENANCES)]
    passees: Annotated[tuple[Appartenance, ...], Field(max_length=MOST_PASSEES)] | None = None
    at: AwareDatetime


class AppartenanceAdded(_MembreFact):
    """A person was put in a group; carries all memberships that are not over."""

    TYPE = message_type(SERVICE, "appartenance_added")

    groupe_id: Id


class AppartenanceEnded(_MembreFact):
    """A person was taken out of a group, or will be at `fin`."""

    TYPE = message_type(SERVICE, "appartenance_ended")

    groupe_id: Id


class AppartenanceMoved(_MembreFact):
    """A person left a group (`depuis_id`) for another (`groupe_id`), or will at its `debut`."""

    TYPE = message_type(SERVICE, "appartenance_moved")

    depuis_id: Id
    groupe_id: Id


class AppartenanceStarted(_MembreFact):
    """Memberships that were to come have begun."""

    TYPE = message_type(SERVICE, "appartenance_started")


class AppartenanceLapsed(_MembreFact):
    """Memberships are over: their last day has passed."""

    TYPE = message_type(SERVICE, "appartenance_lapsed")


class AppartenanceRefused(_MembreFact):
    """A group asked for at the creation of an account was refused; `asked_by` is written to.

    `code` is that of the group, where it is one of this convention.
    """

    TYPE = message_type(SERVICE, "appartenance_refused")

    groupe_id: Id
    code: CodeGroupe | None = None
    motif: Code
    asked_by: Id


class AppartenancesSnapshot(_MembreFact, Snapshot):
    """The present memberships of a person, told again."""

    TYPE = message_type(SERVICE, "appartenances_snapshot")


class CommandRefused(Refused):
    """A command that habilitation refused."""

    TYPE = message_type(SERVICE, "command_refused")
    TOPIC = refusals_topic(SERVICE)


TOLD: tuple[type[Message], ...] = (
    ConventionRegistered,
    ConventionPresented,
    ConventionOpened,
    ConventionUpdated,
    ConventionSuspended,
    ConventionResumed,
    ConventionClosed,
    AdministrateurDesignated,
    AdministrateurRelieved,
    ServiceOpened,
    ServiceUpdated,
    ServiceSuspended,
    ServiceResumed,
    ServiceClosed,
    ConventionSnapshot,
    GroupeOpened,
    GroupeUpdated,
    GroupeStarted,
    GroupeClosed,
    GroupeReopened,
    GroupeDeleted,
    RoleAssigned,
    RoleWithdrawn,
    GroupeSnapshot,
    AppartenanceAdded,
    AppartenanceEnded,
    AppartenanceMoved,
    AppartenanceStarted,
    AppartenanceLapsed,
    AppartenanceRefused,
    AppartenancesSnapshot,
    AccountRequested,
    CafSollicitee,
    CommandRefused,
)

MESSAGES: tuple[type[Message], ...] = (*ASKED, *TOLD)
