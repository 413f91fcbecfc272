"""What identity tells: accounts, credentials, sign-ins."""

from datetime import date

from pydantic import AwareDatetime

from shared.contracts import identity_commands
from shared.contracts.comptes import (
    Groupes,
    Mail,
    Telephone,
    Texte,
    VersionRegles,
)
from shared.contracts.envelope import (
    Code,
    CodeCaf,
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
from shared.contracts.identity_commands import ASKED
from shared.contracts.topics import CREDENTIALS, USER_LIFECYCLE, refusals_topic

SERVICE = identity_commands.SERVICE


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


class AccountRefused(Fact):
    """An account that habilitation asked for was not made; `motif` is the code of the rule.

    `asked_by` designated the person, as what `titre` says. Tells nothing of the person.
    """

    TYPE = message_type(SERVICE, "account_refused")
    TOPIC = USER_LIFECYCLE
    KEY = "user_id"

    user_id: Id
    convention_id: NumeroConvention
    titre: Code
    motif: Code
    asked_by: Id
    at: AwareDatetime


class GroupesRequested(_UserFact):
    """An account that is there is asked for once more, for groups that it was not asked for.

    habilitation puts the person in them, or tells `asked_by` why not, as for those of UserCreated.
    """

    TYPE = message_type(SERVICE, "groupes_requested")

    groupes: Groupes
    asked_by: Id


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


TOLD: tuple[type[Message], ...] = (
    UserCreated,
    UserOpened,
    UserUpdated,
    UserMailChanged,
    UserClosed,
    UserReopened,
    UserSnapshot,
    AccountRefused,
    GroupesRequested,
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

MESSAGES: tuple[type[Message], ...] = (*ASKED, *TOLD)
