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


MOST_USERS = 500
"""Persons of one SendCampaign (assumed): as many mails as a group commits well."""

SmtpCode = Annotated[int, Field(ge=200, le=599)]
"""What a mail server answered (RFC 5321 §4.2.1)."""


SmtpStatus = Annotated[str, Field(pattern=r"^[245]\.\d{1,3}\.\d{1,3}$")]
"""Its enhanced code, where it gave one: 5.1.1 for no such mailbox (RFC 3463)."""


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
    DESTINATAIRE = "destinataire"
    """Nobody knows where to write: no such person, no such Caf contact, or personal data erased."""
    EXPLOITANT = "exploitant"
    """An operator gave it up."""


class ExpireMail(Command):
    """Give up a mail that says nothing valid any more; asked by the scheduler."""

    TYPE = message_type(SERVICE, "expire_mail")
    TOPIC = COMMANDS
    KEY = "mail_id"

    mail_id: Id


class SendCampaign(Command):
    """Write one mail to each of many persons; a long campaign is several of these.

    `valeurs` are what the template needs beside the person, who is written to where identity last
    told. A deadline among them is also the last day on which these mails leave.
    """

    TYPE = message_type(SERVICE, "send_campaign")
    TOPIC = COMMANDS
    KEY = "campagne_id"

    campagne_id: Id
    modele: Code
    user_ids: Annotated[tuple[Id, ...], Field(min_length=1, max_length=MOST_USERS)]
    valeurs: dict[Code, ShortText]


class _MailFact(Fact):
    TOPIC = MAIL_DELIVERIES
    KEY = "mail_id"

    mail_id: Id
    user_id: Id
    modele: Id
    attempts: Annotated[int, Field(ge=0)]
    at: AwareDatetime


class MailHeld(_MailFact):
    """It waits until the person's address is corrected: the one known is flagged."""

    TYPE = message_type(SERVICE, "mail_held")


class MailReleased(_MailFact):
    """A held or deferred mail is tried now: `by` an operator, or because the address was
    corrected.
    """

    TYPE = message_type(SERVICE, "mail_released")

    by: Code


class AddressFlagged(_MailFact):
    """A server said for good that it takes nothing for this person: later mails are held.

    `creator_id` is who opened the account, and is written to.
    """

    TYPE = message_type(SERVICE, "address_flagged")

    smtp_code: SmtpCode
    creator_id: Id | None = None


class MailSent(_MailFact):
    """The mail server took the mail."""

    TYPE = message_type(SERVICE, "mail_sent")

    message_id: ShortText


class MailDeferred(_MailFact):
    """The server cannot take it now (4xx, silence, refused connection): it will be tried again."""

    TYPE = message_type(SERVICE, "mail_deferred")

    smtp_code: SmtpCode | None = None
    smtp_status: SmtpStatus | None = None
    next_attempt_at: AwareDatetime


class MailFailed(_MailFact):
    """The server refused it for good (5xx): it is not tried again."""

    TYPE = message_type(SERVICE, "mail_failed")

    smtp_code: SmtpCode
    smtp_status: SmtpStatus | None = None


class MailAbandoned(_MailFact):
    """It was given up."""

    TYPE = message_type(SERVICE, "mail_abandoned")

    motif: Code


class MailExpired(_MailFact):
    """What it said was no longer valid."""

    TYPE = message_type(SERVICE, "mail_expired")


class CommandRefused(Refused):
    """A command that notifications refused."""

    TYPE = message_type(SERVICE, "command_refused")
    TOPIC = refusals_topic(SERVICE)


MESSAGES: tuple[type[Message], ...] = (
    ExpireMail,
    SendCampaign,
    MailHeld,
    MailReleased,
    AddressFlagged,
    MailSent,
    MailDeferred,
    MailFailed,
    MailAbandoned,
    MailExpired,
    CommandRefused,
)
