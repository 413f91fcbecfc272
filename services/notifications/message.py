"""A mail as bytes: fixed headers, one recipient, the same text twice."""

import re
from base64 import encodebytes
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from services.notifications.ports import Letter
from services.notifications.rendering import Words

DISPLAYED = "Mon Compte Partenaire"
"""Who the mails come from, as mail readers show it."""
_BOUNDARY = "=_mcp"
"""Base64 never holds it (RFC 2045 §6.7)."""
_CONTENT_TYPE = f'Content-Type: multipart/alternative; boundary="{_BOUNDARY}"\r\n'.encode("ascii")
_END = f"--{_BOUNDARY}--\r\n".encode("ascii")
LONGEST_ADDRESS = 254
"""RFC 5321 §4.5.3.1.3, less the two brackets."""
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*"
)
"""A dot-atom at a host name (RFC 5322 §3.4.1): no comment, no quotes, no list, no control
character, nothing outside ASCII, which not every server on the way carries (RFC 6531)."""
_ENCODED_WORD = "=?"
"""Opens an encoded word: Python up to 3.11.9 turns one into real header lines (CVE-2024-6923)."""


class AddressRefused(Exception):
    """A recipient is not one plain address; the error does not repeat it."""


def checked_address(address: str) -> str:
    """One plain mail address, unchanged. Raises AddressRefused."""
    plain = len(address) <= LONGEST_ADDRESS and _ADDRESS.fullmatch(address)
    if not plain or _ENCODED_WORD in address:
        raise AddressRefused
    return address


class Letters:
    """Makes mails of words. What all mails of a kind have in common is made once.

    The parts are put together here and not by `email`: it takes twenty times as long, and what
    varies is a checked address, a date, an id of ours and base64.
    """

    def __init__(self, sender: str) -> None:
        self._sender = checked_address(sender)
        self._heads: dict[str, bytes] = {}

    def make(self, words: Words, *, to: str, message_id: str, at: datetime) -> Letter:
        """The mail, ready to go. No header holds anything that a person typed, but the address.

        Raises:  AddressRefused
        """
        recipient = checked_address(to)
        own = f"To: {recipient}\r\nDate: {format_datetime(at)}\r\nMessage-ID: {message_id}\r\n\r\n"
        content = b"".join(
            (
                self._head(words.subject),
                own.encode("ascii"),
                _part("plain", words.text),
                _part("html", words.html),
                _END,
            )
        )
        return Letter(self._sender, recipient, content)

    def _head(self, subject: str) -> bytes:
        head = self._heads.get(subject)
        if head is None:
            head = self._heads[subject] = _head(self._sender, subject)
        return head


def _head(sender: str, subject: str) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(DISPLAYED, addr_spec=sender)
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
