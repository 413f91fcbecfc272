"""What notifications is asked, and what it tells: what became of each mail."""

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from shared.contracts.envelope import (
    Code,
    Command,
    Fact,
    Id,
    Message,
    Refused,
    ShortText,
    message_type,
)
from shared.contracts.topics import MAIL_DELIVERIES, commands_topic, refusals_topic

SERVICE = "notifications"
COMMANDS = commands_topic(SERVICE)


SmtpCode = Annotated[int, Field(ge=200, le=599)]
"""What a mail server answered (RFC 5321 §4.2.1)."""


class MotifAbandon(StrEnum):
    """Why a mail was given up."""

    DEPASSE = "depasse"
    """A newer secret, or a personalised password, made it pointless."""
    TROP_TARD = "trop_tard"
    """The server deferred it for too long."""
    ILLISIBLE = "illisible"
    """What was sealed in it was altered, or belongs to another mail."""
    ADRESSE = "adresse"
    """Its recipient is not one plain mail address."""


class ExpireMail(Command):
    """Give up a mail whose secret is no longer valid; asked by the scheduler."""

    TYPE = message_type(SERVICE, "expire_mail")
    TOPIC = COMMANDS
    KEY = "mail_id"

    mail_id: Id


class _MailFact(Fact):
    TOPIC = MAIL_DELIVERIES
    KEY = "mail_id"

    mail_id: Id
    user_id: Id
    modele: Id
    attempts: Annotated[int, Field(ge=0)]
    at: AwareDatetime


class MailSent(_MailFact):
    """The mail server took the mail."""

    TYPE = message_type(SERVICE, "mail_sent")

    message_id: ShortText


class MailDeferred(_MailFact):
    """The server cannot take it now (4xx, silence, refused connection): it will be tried again."""

    TYPE = message_type(SERVICE, "mail_deferred")

    smtp_code: SmtpCode | None = None
    next_attempt_at: AwareDatetime


class MailFailed(_MailFact):
    """The server refused it for good (5xx): it is not tried again."""

    TYPE = message_type(SERVICE, "mail_failed")

    smtp_code: SmtpCode


class MailAbandoned(_MailFact):
    """It was given up."""

    TYPE = message_type(SERVICE, "mail_abandoned")

    motif: Code


class MailExpired(_MailFact):
    """The secret that it carried was no longer valid."""

    TYPE = message_type(SERVICE, "mail_expired")


class CommandRefused(Refused):
    """A command that notifications refused."""

    TYPE = message_type(SERVICE, "command_refused")
    TOPIC = refusals_topic(SERVICE)


MESSAGES: tuple[type[Message], ...] = (
    ExpireMail,
    MailSent,
    MailDeferred,
    MailFailed,
    MailAbandoned,
    MailExpired,
    CommandRefused,
)
