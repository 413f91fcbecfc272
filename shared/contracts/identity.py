"""What identity is asked, and what it tells: accounts, credentials, sign-ins."""

from datetime import date

from pydantic import AwareDatetime

from shared.contracts.comptes import (
    Fonctions,
    Groupes,
    Mail,
    OtherFonctions,
    OtherTelephone,
    Poste,
    Telephone,
    Texte,
    VersionRegles,
)
from shared.contracts.envelope import (
    Code,
    CodeCaf,
    Command,
    Fact,
    Generation,
    Id,
    KeyId,
    Message,
    NumeroConvention,
    Refused,
    Sealed,
    ShortText,
    Snapshot,
    message_type,
)
from shared.contracts.topics import CREDENTIALS, USER_LIFECYCLE, commands_topic, refusals_topic

SERVICE = "identity"
COMMANDS = commands_topic(SERVICE)


class CreateUser(Command):
    """Open an account for a person of a partner; two separate mails follow [seed 002]."""

    TYPE = message_type(SERVICE, "create_user")
    TOPIC = COMMANDS
    KEY = "user_id"

    user_id: Id
    convention_id: NumeroConvention
    nom: Texte
    prenom: Texte
    mail: Mail
    telephone: Telephone | None = None
    poste: Poste = Poste.SEDENTAIRE
    groupes: Groupes = ()
    ouverture: date | None = None
    cloture: date | None = None


class CreateAgent(Command):
    """Open an internal account: an agent of one Caf, with his functions [seed 001]."""

    TYPE = message_type(SERVICE, "create_agent")
    TOPIC = COMMANDS
    KEY = "user_id"

    user_id: Id
    caf: CodeCaf
    fonctions: Fonctions
    nom: Texte
    prenom: Texte
    mail: Mail
    telephone: Telephone | None = None
    ouverture: date | None = None
    cloture: date | None = None


class InjectBailleur(Command):
    """Open the account of a private landlord; only an information system asks this [seed 003]."""

    TYPE = message_type(SERVICE, "inject_bailleur")
    TOPIC = COMMANDS
    KEY = "user_id"

    user_id: Id
    caf: CodeCaf
    nom: Texte
    prenom: Texte
    mail: Mail
    telephone: Telephone | None = None


class ModifyUser(Command):
    """Change what is known of a person; what is left out stays [seed 001].

    `fonctions` are those of an internal account; an empty `telephone` takes it away; `ouverture`
    moves while the account waits for its opening.
    """

    TYPE = message_type(SERVICE, "modify_user")
    TOPIC = COMMANDS
    KEY = "user_id"

    user_id: Id
    nom: Texte | None = None
    prenom: Texte | None = None
    telephone: OtherTelephone | None = None
    poste: Poste | None = None
    mail: Mail | None = None
    fonctions: OtherFonctions | None = None
    ouverture: date | None = None


class CloseUser(Command):
    """Close an account from a day on, today unless said otherwise; it is kept [seed 002]."""

    TYPE = message_type(SERVICE, "close_user")
    TOPIC = COMMANDS
    KEY = "user_id"

    user_id: Id
    cloture: date | None = None


class ReopenUser(Command):
    """Take the closing date away, which reactivates the account [seed 002]."""

    TYPE = message_type(SERVICE, "reopen_user")
    TOPIC = COMMANDS
    KEY = "user_id"

    user_id: Id


class ApplyDates(Command):
    """Note that the opening or closing date of an account has come; asked by the scheduler."""

    TYPE = message_type(SERVICE, "apply_dates")
    TOPIC = COMMANDS
    KEY = "user_id"

    user_id: Id
    day: date


class ResendIdentifiant(Command):
    """Write a person's identifiant to them again; no public form does this [seed 002]."""

    TYPE = message_type(SERVICE, "resend_identifiant")
    TOPIC = COMMANDS
    KEY = "user_id"

    user_id: Id


class ResetPassword(Command):
    """Have a new temporary password written to a person; who asks never sees it [seed 002]."""

    TYPE = message_type(SERVICE, "reset_password")
    TOPIC = COMMANDS
    KEY = "user_id"

    user_id: Id


class ExpireTemporaryPassword(Command):
    """Note that a temporary password was not used in time; asked by the scheduler."""

    TYPE = message_type(SERVICE, "expire_temporary_password")
    TOPIC = COMMANDS
    KEY = "user_id"

    user_id: Id
    generation: Generation


class _UserFact(Fact):
    TOPIC = USER_LIFECYCLE
    KEY = "user_id"

    user_id: Id
    convention_id: NumeroConvention | None = None
    at: AwareDatetime


class _UserState(_UserFact):
    genre: Code
    nom: Texte
    prenom: Texte
    mail: Mail
    telephone: Telephone | None = None
    poste: Code
    etat: Code
    caf: CodeCaf | None = None
    fonctions: tuple[Code, ...] | None = None
    ouverture: date | None = None
    cloture: date | None = None


class UserCreated(_UserState):
    """An account was made; `etat` tells whether it is open already."""

    TYPE = message_type(SERVICE, "user_created")

    created_by: Id
    groupes: Groupes | None = None


class UserOpened(_UserState):
    """The opening date of an account has come."""

    TYPE = message_type(SERVICE, "user_opened")


class UserMailChanged(_UserState):
    """`mail` is the new address; temporary passwords up to `generation` are worthless from now."""

    TYPE = message_type(SERVICE, "user_mail_changed")

    ancienne_mail: Mail
    administrateur: bool
    changed_by: Id
    generation: Generation | None = None


class UserClosed(_UserState):
    """An account was closed: its sessions, its temporary passwords up to `generation` are over."""

    TYPE = message_type(SERVICE, "user_closed")

    closed_by: Id
    generation: Generation | None = None


class UserReopened(_UserState):
    """A closed account is open again."""

    TYPE = message_type(SERVICE, "user_reopened")

    reopened_by: Id


class UserUpdated(_UserState):
    """What is known of a person changed; carries the whole state after it."""

    TYPE = message_type(SERVICE, "user_updated")

    updated_by: Id


class UserSnapshot(_UserState, Snapshot):
    """The present state of an account, told again."""

    TYPE = message_type(SERVICE, "user_snapshot")

    generation: Generation
    created_by: Id | None = None


class PasswordChanged(_UserFact):
    """A password was personalised; temporary ones up to `generation` are worthless."""

    TYPE = message_type(SERVICE, "password_changed")

    generation: Generation
    motif: Code | None = None


class PasswordReset(_UserFact):
    """A new temporary password was drawn: `asked_by` says who, the person if nobody is named.

    The password in use keeps its worth until the temporary one is used.
    """

    TYPE = message_type(SERVICE, "password_reset")

    generation: Generation
    asked_by: Id | None = None


class TemporaryPasswordExpired(_UserFact):
    """A temporary password was not used within its validity."""

    TYPE = message_type(SERVICE, "temporary_password_expired")

    generation: Generation


class UserLocked(_UserFact):
    """Too many wrong passwords: none is looked at until then; never for good."""

    TYPE = message_type(SERVICE, "user_locked")

    until: AwareDatetime


class SignedOut(_UserFact):
    """A person ended a session."""

    TYPE = message_type(SERVICE, "signed_out")


class ReglesUsageAccepted(_UserFact):
    """A person accepted a version of the règles d'usage [seed 002]."""

    TYPE = message_type(SERVICE, "regles_usage_accepted")

    regles: VersionRegles


class IncidentReported(_UserFact):
    """A person reported a security incident; sealed: `user_id`, `incident_id`, `description`."""

    TYPE = message_type(SERVICE, "incident_reported")

    incident_id: Id
    nature: Code
    caf: CodeCaf | None = None
    organisme: ShortText | None = None
    key_id: KeyId
    sealed: Sealed


class SignedIn(_UserFact):
    """A person signed in; `must_change_password` tells a session open for personalisation only."""

    TYPE = message_type(SERVICE, "signed_in")

    must_change_password: bool


class SignInFailed(_UserFact):
    """A sign-in to a known account failed."""

    TYPE = message_type(SERVICE, "sign_in_failed")

    motif: Code


class _Sealed(Fact):
    TOPIC = CREDENTIALS
    KEY = "user_id"

    user_id: Id
    generation: Generation
    key_id: KeyId
    sealed: Sealed
    expires_at: AwareDatetime


class IdentifiantIssued(_Sealed):
    """The identifiant of an account and its recipient, sealed; `generation` counts the sendings."""

    TYPE = message_type(SERVICE, "identifiant_issued")


class TemporaryPasswordIssued(_Sealed):
    """A temporary password, its recipient, perhaps its `motif`, sealed; newer cancel older ones."""

    TYPE = message_type(SERVICE, "temporary_password_issued")


class CommandRefused(Refused):
    """A command that identity refused."""

    TYPE = message_type(SERVICE, "command_refused")
    TOPIC = refusals_topic(SERVICE)


MESSAGES: tuple[type[Message], ...] = (
    CreateUser,
    CreateAgent,
    InjectBailleur,
    ModifyUser,
    CloseUser,
    ReopenUser,
    ApplyDates,
    ResendIdentifiant,
    ResetPassword,
    ExpireTemporaryPassword,
    UserCreated,
    UserOpened,
    UserUpdated,
    UserMailChanged,
    UserClosed,
    UserReopened,
    UserSnapshot,
    PasswordChanged,
    PasswordReset,
    TemporaryPasswordExpired,
    UserLocked,
    SignedIn,
    SignInFailed,
    SignedOut,
    ReglesUsageAccepted,
    IncidentReported,
    IdentifiantIssued,
    TemporaryPasswordIssued,
    CommandRefused,
)
