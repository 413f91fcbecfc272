"""Attempts: what the mail server answered, one row each, without its words or any address."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from shared.path.decision import Document


class Issue(StrEnum):
    """How an attempt ended."""

    ACCEPTEE = "acceptee"
    DIFFEREE = "differee"
    REFUSEE = "refusee"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server took the mail and answers for it from now on."""

    smtp_code: int | None = None
    smtp_status: ClassVar[str | None] = None
    issue: ClassVar[Issue] = Issue.ACCEPTEE


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not now: the server said so (its code), or said nothing at all (None)."""

    smtp_code: int | None = None
    smtp_status: str | None = None
    issue: ClassVar[Issue] = Issue.DIFFEREE


@dataclass(frozen=True, slots=True)
class Rejected:
    """Never: trying the same again would be answered the same.

    `of_recipient`: it is the recipient that the server refused (RCPT), not what is said to them.
    """

    smtp_code: int
    smtp_status: str | None = None
    of_recipient: bool = field(default=False, kw_only=True)
    issue: ClassVar[Issue] = Issue.REFUSEE


Result = Accepted | Deferred | Rejected


class Tentative(Document):
    """One attempt at sending one mail; its id is `<mail id>/<number of the attempt>`.

    `smtp_status`: the enhanced code of the answer (RFC 3463), such as 5.1.1 for no such mailbox.
    """

    COLLECTION: ClassVar[str] = "tentatives"

    mail_id: str
    at: datetime
    issue: Issue
    smtp_code: int | None
    smtp_status: str | None = None


def note_attempt(mail_id: str, number: int, result: Result, at: datetime) -> Tentative:
    """The row of the n-th attempt at a mail (n from 1)."""
    return Tentative(
        id=f"{mail_id}/{number}",
        mail_id=mail_id,
        at=at,
        issue=result.issue,
        smtp_code=result.smtp_code,
        smtp_status=result.smtp_status,
    )
