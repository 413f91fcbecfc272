"""What a person's names and mail address may be."""

import re
import unicodedata

from services.identity.domain.errors import MailInvalid, NomInvalid, PrenomInvalid
from shared.contracts.comptes import LONGEST_MAIL, LONGEST_TEXT

_MAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+"
    r"[A-Za-z]{2,63}"
)
"""One address, no comment, no quotes, no display name (as HTML has it, with a real domain)."""
_ENCODED_WORD = "=?"
"""Starts an encoded word: mail software may make a header of it (CVE-2024-6923)."""
_LINE_ENDS = {"Zl", "Zp"}
"""Unicode's own line and paragraph ends, which are no control characters (UAX #44)."""


def read_mail(typed: str) -> str:
    """A mail address as it is kept and compared: small letters. Raises `MailInvalid`."""
    mail = typed.strip()
    if len(mail) > LONGEST_MAIL or _ENCODED_WORD in mail or not _MAIL.fullmatch(mail):
        raise MailInvalid
    return mail.lower()


def read_nom(typed: str) -> str:
    """A last name without spaces around it. Raises `NomInvalid`."""
    if not _is_name(typed):
        raise NomInvalid
    return typed.strip()


def read_prenom(typed: str) -> str:
    """A first name without spaces around it. Raises `PrenomInvalid`."""
    if not _is_name(typed):
        raise PrenomInvalid
    return typed.strip()


def _is_name(typed: str) -> bool:
    """One line: no control character or direction mark, no encoded word, at least one letter."""
    categories = {unicodedata.category(character) for character in typed}
    odd = any(category.startswith("C") or category in _LINE_ENDS for category in categories)
    if odd or _ENCODED_WORD in typed or len(typed) > LONGEST_TEXT:
        return False
    return any(character.isalpha() for character in typed)
