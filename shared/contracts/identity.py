"""What identity is asked, and what it tells: accounts, credentials, sign-ins."""

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, StringConstraints

from shared.contracts.envelope import (
    Code,
    Command,
    Fact,
    Generation,
    Id,
    KeyId,
    Message,
    Refused,
    Snapshot,
    message_type,
)
from shared.contracts.topics import (
    CREDENTIALS,
    USER_LIFECYCLE,
    commands_topic,
    refusals_topic,
)

SERVICE = "identity"
COMMANDS = commands_topic(SERVICE)

NumeroConvention = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}_[0-9]{1,5}$")]
"""Number of a convention, such as 19_214 [seed 002]; read as YY_nnn (assumed)."""

LONGEST_TEXT, LONGEST_MAIL = 100, 254
"""Characters of a name (assumed) and of an address (RFC 5321 §4.5.3.1.3, less the brackets)."""

Texte = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT)]
"""A name as typed; what it may hold is the domain's rule, its size is the contract's."""

Mail = Annotated[str, StringConstraints(min_length=3, max_length=LONGEST_MAIL)]
"""A mail address as typed."""

Telephone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9 .]{6,20}$")]
"""A phone number as typed; optional [seed 001], its form is assumed."""


Sealed = Annotated[str, StringConstraints(max_length=8192)]
"""Base64 of an X25519 sealed box (ADR-0010)."""


class Poste(StrEnum):
    """Fixed post or variable workplace of a user [seed 001]."""

    SEDENTAIRE = "sedentaire"
    ITINERANT = "itinerant"


class EtatCompte(StrEnum):
    """State of an account as the screens show it: Ouvert or Clôturé [seed 004]."""

    OUVERT = "ouvert"
    CLOTURE = "cloture"


class GenreCompte(StrEnum):
    """Whose account it is: a Caf agent's or a partner's; roles are habilitation's affair."""

    AGENT_CAF = "agent_caf"
    PARTENAIRE = "partenaire"


class MotifEchec(StrEnum):
    """Why a sign-in failed; told to operators, never to who signs in."""

    MOT_DE_PASSE = "mot_de_passe"
    MOT_DE_PASSE_EXPIRE = "mot_de_passe_expire"


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


class ModifyUser(Command):
    """Change what is known of a person; what is left out stays [seed 001]."""

    TYPE = message_type(SERVICE, "modify_user")
    TOPIC = COMMANDS
    KEY = "user_id"

    user_id: Id
    nom: Texte | None = None
    prenom: Texte | None = None
    telephone: Telephone | None = None
    poste: Poste | None = None


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


class UserCreated(_UserState):
    """An account was opened."""

    TYPE = message_type(SERVICE, "user_created")

    created_by: Id


class UserUpdated(_UserState):
    """What is known of a person changed; carries the whole state after it."""

    TYPE = message_type(SERVICE, "user_updated")

    updated_by: Id


class UserSnapshot(_UserState, Snapshot):
    """The present state of an account, told again."""

    TYPE = message_type(SERVICE, "user_snapshot")

    generation: Generation


class PasswordChanged(_UserFact):
    """A password was personalised; temporary ones up to `generation` are worthless."""

    TYPE = message_type(SERVICE, "password_changed")

    generation: Generation


class TemporaryPasswordExpired(_UserFact):
    """A temporary password was not used within its validity."""

    TYPE = message_type(SERVICE, "temporary_password_expired")

    generation: Generation


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
    """The identifiant of an account and its recipient, sealed (base64 of an X25519 sealed box)."""

    TYPE = message_type(SERVICE, "identifiant_issued")


class TemporaryPasswordIssued(_Sealed):
    """A temporary password and its recipient, sealed; newer generations cancel older ones."""

    TYPE = message_type(SERVICE, "temporary_password_issued")


class CommandRefused(Refused):
    """A command that identity refused."""

    TYPE = message_type(SERVICE, "command_refused")
    TOPIC = refusals_topic(SERVICE)


MESSAGES: tuple[type[Message], ...] = (
    CreateUser,
    ModifyUser,
    ExpireTemporaryPassword,
    UserCreated,
    UserUpdated,
    UserSnapshot,
    PasswordChanged,
    TemporaryPasswordExpired,
    SignedIn,
    SignInFailed,
    IdentifiantIssued,
    TemporaryPasswordIssued,
    CommandRefused,
)
