"""A mail as bytes: fixed headers, one recipient, the same text twice."""

from base64 import encodebytes
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache

from services.notifications.addresses import checked_address
from services.notifications.ports import Letter
from services.notifications.rendering import Words

Sender = tuple[str, str]
"""Whom a mail comes from: the address, and how mail readers show it."""
DISPLAYED = "Mon Compte Partenaire"
"""Who the mails come from, as mail readers show it."""
HEADS_KEPT = 512
"""Beginnings of mails that are made once: every kind, from every Caf that writes, and those whose
subject is composed for one reader (assumed)."""
_BOUNDARY = "=_mcp"
"""Base64 never holds it (RFC 2045 §6.7)."""
_CONTENT_TYPE = f'Content-Type: multipart/alternative; boundary="{_BOUNDARY}"\r\n'.encode("ascii")
_END = f"--{_BOUNDARY}--\r\n".encode("ascii")


class Letters:
    """Makes mails of words. What all mails of a kind have in common is made once.

    The parts are put together here and not by `email`: it takes twenty times as long, and what
    varies is a checked address, a date, an id of ours and base64.
    """

    def __init__(self, sender: str) -> None:
        self._sender: Sender = checked_address(sender), DISPLAYED
        self._head = lru_cache(maxsize=HEADS_KEPT)(_head)

    def make(
        self,
        words: Words,
        *,
        to: str,
        message_id: str,
        at: datetime,
        sender: Sender | None = None,
    ) -> Letter:
        """The mail, ready to go.

        No header holds anything that a person typed, but the address; and the name of an organisme,
        where the subject has to, of which little is left (`rendering.in_a_subject`).

        Shapes:  `sender` is a checked address and how it shows, where it is not the usual one
        Raises:  AddressRefused
        """
        recipient, sender = checked_address(to), sender or self._sender
        own = f"To: {recipient}\r\nDate: {format_datetime(at)}\r\nMessage-ID: {message_id}\r\n\r\n"
        content = b"".join(
            (
                self._head(sender, words.subject),
                own.encode("ascii"),
                _part("plain", words.text),
                _part("html", words.html),
                _END,
            )
        )
        return Letter(sender[0], recipient, content)


def _head(sender: Sender, subject: str) -> bytes:
    address, displayed = sender
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(displayed, addr_spec=address)
    message["Subject"] = subject
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5: nobody's absence answers it
    message["Content-Language"] = "fr"
    message["MIME-Version"] = "1.0"
    return message.as_bytes().removesuffix(b"\r\n") + _CONTENT_TYPE


def _part(subtype: str, text: str) -> bytes:
    """One of the two texts, in base64: no line is ever too long, none begins with a dot."""
    encoded = encodebytes(text.replace("\n", "\r\n").encode()).replace(b"\n", b"\r\n")
    head = (
        f"--{_BOUNDARY}\r\n"
        f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return head.encode("ascii") + encoded
