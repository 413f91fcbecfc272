"""What identity is asked: accounts to open, to modify, to close, mails to write again."""

from datetime import date

from shared.contracts.comptes import (
    Fonctions,
    Groupes,
    Mail,
    OtherFonctions,
    OtherTelephone,
    Poste,
    Telephone,
    Texte,
)
from shared.contracts.envelope import (
    CodeCaf,
    Command,
    Generation,
    Id,
    Message,
    NumeroConvention,
    message_type,
)
from shared.contracts.topics import commands_topic

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


ASKED: tuple[type[Message], ...] = (
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
)
