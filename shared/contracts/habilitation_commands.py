"""What habilitation is asked: by the Caf, by those whom it lets manage, by its own scheduler.

Every command names its convention, which is its key: those of one convention keep their order.
"""

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from shared.contracts.comptes import Groupes
from shared.contracts.conventions import (
    MOST_DEPARTEMENTS,
    MOST_PROFILS,
    CodeGroupe,
    CodeProfil,
    CodeService,
    Departement,
    Libelle,
    NouvellePersonne,
    ObjetSollicitation,
    ProfilDemande,
    Rang,
    Siret,
)
from shared.contracts.envelope import (
    Code,
    CodeCaf,
    Command,
    Id,
    Message,
    NumeroConvention,
    ShortText,
    message_type,
)
from shared.contracts.topics import commands_topic

SERVICE = "habilitation"

Departements = Annotated[tuple[Departement, ...], Field(min_length=1, max_length=MOST_DEPARTEMENTS)]
"""Where an organisme is active; the first is that of its siège social [seed 003]."""


class ConventionCommand(Command):
    """Something asked about one convention."""

    TOPIC: ClassVar[str] = commands_topic(SERVICE)
    KEY: ClassVar[str] = "convention_id"

    convention_id: NumeroConvention


# --- the convention and what was signed: the Caf only [seed 001] ----------------------------------


class RegisterConvention(ConventionCommand):
    """Register an organisme partenaire and its one convention, still a draft [seed 003].

    `caf` chooses between the Caf of a département that has two.
    """

    TYPE = message_type(SERVICE, "register_convention")

    siret: Siret
    organisme: Libelle
    type_organisme: Code
    departements: Departements
    caf: CodeCaf | None = None
    ouverture: date | None = None
    cloture: date | None = None


class ModifyConvention(ConventionCommand):
    """An avenant: what is left out stays. `sans_cloture` takes a closing day to come away."""

    TYPE = message_type(SERVICE, "modify_convention")

    organisme: Libelle | None = None
    type_organisme: Code | None = None
    departements: Departements | None = None
    caf: CodeCaf | None = None
    ouverture: date | None = None
    cloture: date | None = None
    sans_cloture: bool = False


class PresentConvention(ConventionCommand):
    """The draft is complete: it waits for its signatures."""

    TYPE = message_type(SERVICE, "present_convention")


class ValidateConvention(ConventionCommand):
    """The convention is signed: open from its opening date on."""

    TYPE = message_type(SERVICE, "validate_convention")


class SuspendConvention(ConventionCommand):
    """Nobody of the partner may do anything until it is resumed [seed 003, control plan]."""

    TYPE = message_type(SERVICE, "suspend_convention")

    motif: ShortText


class ResumeConvention(ConventionCommand):
    """End the suspension of a convention."""

    TYPE = message_type(SERVICE, "resume_convention")


class CloseConvention(ConventionCommand):
    """Close a convention from a day on, today unless said otherwise; for good."""

    TYPE = message_type(SERVICE, "close_convention")

    cloture: date | None = None


class SignContrat(ConventionCommand):
    """The contrat de service, with gestion déléguée or not; signed again, it changes that."""

    TYPE = message_type(SERVICE, "sign_contrat")

    gestion_deleguee: bool


class SignBulletin(ConventionCommand):
    """The bulletin d'adhésion of one service; signed again, it replaces the profiles granted.

    That of AFAS names the responsable of the two AFAS groups, which it makes [seed 001][seed 002]:
    an account (`responsable_id`), made first where `responsable` says whose it is to be.
    """

    TYPE = message_type(SERVICE, "sign_bulletin")

    service: CodeService
    profils: Annotated[tuple[ProfilDemande, ...], Field(max_length=MOST_PROFILS)] = ()
    responsable_id: Id | None = None
    responsable: NouvellePersonne | None = None


class TerminateBulletin(ConventionCommand):
    """A service ends for a convention."""

    TYPE = message_type(SERVICE, "terminate_bulletin")

    service: CodeService


class ConfirmCondition(ConventionCommand):
    """The Caf saw that a profile's own condition holds: diploma, number, judgment [seed 002]."""

    TYPE = message_type(SERVICE, "confirm_condition")

    profil: CodeProfil


class RecordEligibilite(ConventionCommand):
    """The formulaire d'éligibilité of CDAP or AFAS was accepted [seed 003]."""

    TYPE = message_type(SERVICE, "record_eligibilite")

    service: CodeService


class SuspendService(ConventionCommand):
    """Suspend one service of a convention, with its reason [seed 003]."""

    TYPE = message_type(SERVICE, "suspend_service")

    service: CodeService
    motif: ShortText


class ResumeService(ConventionCommand):
    """End the suspension of one service."""

    TYPE = message_type(SERVICE, "resume_service")

    service: CodeService


class DesignateAdministrateur(ConventionCommand):
    """Designate an administrateur partenaire; `personne` where his account is to be made."""

    TYPE = message_type(SERVICE, "designate_administrateur")

    user_id: Id
    rang: Rang
    personne: NouvellePersonne | None = None


class ReplaceAdministrateur(ConventionCommand):
    """Avenant or annexe 3: one administrateur for another, at once [seed 001][seed 002]."""

    TYPE = message_type(SERVICE, "replace_administrateur")

    ancien_id: Id
    user_id: Id
    personne: NouvellePersonne | None = None


class RelieveAdministrateur(ConventionCommand):
    """Somebody is administrateur no longer; only the Caf does that [seed 000]."""

    TYPE = message_type(SERVICE, "relieve_administrateur")

    user_id: Id


# --- groups ---------------------------------------------------------------------------------------


class GroupeCommand(ConventionCommand):
    """Something asked about one group of a convention."""

    groupe_id: Id


class OpenGroupe(GroupeCommand):
    """Make a group with its one responsable, chosen or created [seed 002][seed 004]."""

    TYPE = message_type(SERVICE, "open_groupe")

    code: CodeGroupe
    libelle: Libelle
    responsable_id: Id
    responsable: NouvellePersonne | None = None
    ouverture: date | None = None
    cloture: date | None = None
    parent_id: Id | None = None


class ModifyGroupe(GroupeCommand):
    """Change a group; what is left out stays. A new responsable replaces the old at once."""

    TYPE = message_type(SERVICE, "modify_groupe")

    libelle: Libelle | None = None
    ouverture: date | None = None
    responsable_id: Id | None = None
    responsable: NouvellePersonne | None = None


class CloseGroupe(GroupeCommand):
    """Close a group from a day on, today unless said otherwise."""

    TYPE = message_type(SERVICE, "close_groupe")

    cloture: date | None = None


class ReopenGroupe(GroupeCommand):
    """Take the closing date of a group away."""

    TYPE = message_type(SERVICE, "reopen_groupe")


class DeleteGroupe(GroupeCommand):
    """Delete a group that the partner made, while it is empty [seed 000]."""

    TYPE = message_type(SERVICE, "delete_groupe")


class AssignRole(GroupeCommand):
    """Give a group its one role, or another, among those that the convention grants [seed 004]."""

    TYPE = message_type(SERVICE, "assign_role")

    service: CodeService
    profil: CodeProfil | None = None


class WithdrawRole(GroupeCommand):
    """Take a group's role away."""

    TYPE = message_type(SERVICE, "withdraw_role")


# --- members --------------------------------------------------------------------------------------


class AddAppartenance(GroupeCommand):
    """Put a person in a group, from today on unless said otherwise."""

    TYPE = message_type(SERVICE, "add_appartenance")

    user_id: Id
    debut: date | None = None
    fin: date | None = None


class EndAppartenance(GroupeCommand):
    """Take a person out of a group, today unless said otherwise."""

    TYPE = message_type(SERVICE, "end_appartenance")

    user_id: Id
    fin: date | None = None


class MoveAppartenance(GroupeCommand):
    """Move a person from a group (`groupe_id`) to another, in one step."""

    TYPE = message_type(SERVICE, "move_appartenance")

    user_id: Id
    vers_id: Id
    le: date | None = None


class RequestAccount(ConventionCommand):
    """Have the account of somebody new made, for the groups named if any [seed 002][seed 004].

    identity makes it and writes to the person, who then joins these groups.
    """

    TYPE = message_type(SERVICE, "request_account")

    user_id: Id
    personne: NouvellePersonne
    groupes: Groupes = ()


# --- calls on the Caf, dates ----------------------------------------------------------------------


class SolliciterCaf(ConventionCommand):
    """An administrateur calls on his Caf; the subject of the mail is composed [seed 002]."""

    TYPE = message_type(SERVICE, "solliciter_caf")

    sollicitation_id: Id
    objet: ObjetSollicitation
    service: CodeService | None = None
    message: ShortText


class ApplyConventionDates(ConventionCommand):
    """Note that a date of a convention has come; asked by the scheduler."""

    TYPE = message_type(SERVICE, "apply_convention_dates")

    day: date


class ApplyGroupeDates(GroupeCommand):
    """Note that a date of a group has come; asked by the scheduler."""

    TYPE = message_type(SERVICE, "apply_groupe_dates")

    day: date


class ApplyAppartenanceDates(ConventionCommand):
    """Note that memberships of a person begin or are over; asked by the scheduler."""

    TYPE = message_type(SERVICE, "apply_appartenance_dates")

    user_id: Id
    day: date


ASKED: tuple[type[Message], ...] = (
    RegisterConvention,
    ModifyConvention,
    PresentConvention,
    ValidateConvention,
    SuspendConvention,
    ResumeConvention,
    CloseConvention,
    SignContrat,
    SignBulletin,
    TerminateBulletin,
    ConfirmCondition,
    RecordEligibilite,
    SuspendService,
    ResumeService,
    DesignateAdministrateur,
    ReplaceAdministrateur,
    RelieveAdministrateur,
    OpenGroupe,
    ModifyGroupe,
    CloseGroupe,
    ReopenGroupe,
    DeleteGroupe,
    AssignRole,
    WithdrawRole,
    AddAppartenance,
    EndAppartenance,
    MoveAppartenance,
    RequestAccount,
    SolliciterCaf,
    ApplyConventionDates,
    ApplyGroupeDates,
    ApplyAppartenanceDates,
)
