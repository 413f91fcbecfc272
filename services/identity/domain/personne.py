"""What a person's names and mail address may be."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from services.identity.domain.errors import (
    FonctionsMissing,
    MailInvalid,
    MailOfService,
    NomInvalid,
    PrenomInvalid,
)
from shared.contracts.comptes import LONGEST_MAIL, LONGEST_TEXT, Fonction

_MAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+"
    r"[A-Za-z]{2,63}"
)
"""One address, no comment, no quotes, no display name (as HTML has it, with a real domain)."""
_LINK = re.compile(r"[/\\@:<>]|www\.", re.IGNORECASE)
"""What makes of a name a link or an address, where mail software finds them by itself (assumed)."""
_ENCODED_WORD = "=?"
"""Starts an encoded word: mail software may make a header of it (CVE-2024-6923)."""
_NO_LETTER = re.compile(r"[^a-z]+")
_ARTICLES = {"la", "le", "les", "de", "du", "des"}
"""Words that say nothing; « l » and « d » alone are rather the initials of somebody."""
_SERVICES: dict[str, list[str]] = tomllib.loads(
    Path(__file__).with_name("adresses_de_service.toml").read_text(encoding="utf-8")
)
_STARTS = tuple(_SERVICES["debuts"])
_MOTS, _ALONE = frozenset(_SERVICES["mots"]), frozenset(_SERVICES["mots_seuls"])
_LINE_ENDS = {"Zl", "Zp"}
"""Unicode's own line and paragraph ends, which are no control characters (UAX #44)."""


def read_mail(typed: str) -> str:
    """A mail address as it is kept and compared: small letters. Raises `MailInvalid`."""
    mail = typed.strip()
    if len(mail) > LONGEST_MAIL or _ENCODED_WORD in mail or not _MAIL.fullmatch(mail):
        raise MailInvalid
    return mail.lower()


def read_own_mail(typed: str) -> str:
    """The address of a person: individual and nominative [seed 002].

    Raises `MailInvalid`, or `MailOfService` for the mailbox of a service.
    """
    mail = read_mail(typed)
    if _is_of_service(mail.partition("@")[0]):
        raise MailOfService
    return mail


def read_fonctions(asked: Iterable[Fonction]) -> tuple[Fonction, ...]:
    """The functions of an agent, each once, in their order. Raises `FonctionsMissing`."""
    once = set(asked)
    if not once:
        raise FonctionsMissing
    return tuple(each for each in Fonction if each in once)


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


def _is_of_service(local: str) -> bool:
    """Whether the part before the @ names a service, up to digits, separators and articles."""
    words = [word for word in _NO_LETTER.split(local) if word and word not in _ARTICLES]
    whole = "".join(words)
    if not words or whole in _ALONE:
        return bool(words)
    return words[0] in _MOTS or whole in _MOTS or whole.startswith(_STARTS)


def _is_name(typed: str) -> bool:
    """One line: no control character or direction mark, no encoded word or link, a letter."""
    categories = {unicodedata.category(character) for character in typed}
    odd = any(category.startswith("C") or category in _LINE_ENDS for category in categories)
    if odd or _ENCODED_WORD in typed or _LINK.search(typed) or len(typed) > LONGEST_TEXT:
        return False
    return any(character.isalpha() for character in typed)
