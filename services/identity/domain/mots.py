"""The words that anybody who knows a person, or this portal, tries first."""

import re
import unicodedata

from services.identity.domain.compte import Compte
from services.identity.domain.copies import Convention

PORTAL = ("caf", "partenaire", "mcp", "cdap", "afas", "habilitation", "allocataire")
"""Words of this portal (assumed, after OWASP ASVS 5.0 6.2.11: context words)."""
SHORTEST_NAME, SHORTEST_PART = 3, 4
"""Letters from which a name, or a part of an address or of an organisme, counts (assumed)."""
_PART = re.compile(r"[^a-z0-9]+")
_LEET = str.maketrans("013457@!+|", "oieastaitl")
"""Signs written for letters, after zxcvbn's table."""


def plain(text: str) -> str:
    """Small letters without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in decomposed if not unicodedata.combining(each))


def own_words(compte: Compte, convention: Convention | None) -> tuple[str, ...]:
    """The words of a person: names, identifiant, address, organisme, and those of the portal."""
    names = [compte.nom, compte.prenom, compte.identifiant]
    organisme = "" if convention is None else convention.organisme
    words = [part for name in names for part in _parts(name, SHORTEST_NAME)]
    words += [part for text in (compte.mail, organisme) for part in _parts(text, SHORTEST_PART)]
    return tuple(dict.fromkeys((*words, *PORTAL)))


def holds(password: str, words: tuple[str, ...]) -> bool:
    """Whether a password has one of these words in it, be it with signs written for letters."""
    typed = plain(password)
    readings = (typed, typed.translate(_LEET))
    return any(word in reading for word in words for reading in readings)


def _parts(text: str, shortest: int) -> list[str]:
    found = _PART.split(plain(text))
    whole = "".join(found)
    return [part for part in (*found, whole) if len(part) >= shortest]
