"""Names as they are searched and ordered, whatever the case and the accents."""

import re
import unicodedata

_LIGATURES = str.maketrans(
    {"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L"}
)
"""Letters that Unicode does not take apart (NFKD) and that people type otherwise."""
_SEPARATES = re.compile(r"[^a-z0-9]+")


def searchable(text: str) -> str:
    """A name as it is searched and ordered: no case, no accent, one space for what separates."""
    if text.isascii():
        return " ".join(_SEPARATES.sub(" ", text.lower()).split())
    plain = unicodedata.normalize("NFKD", text).translate(_LIGATURES).casefold()
    kept = (
        character if character.isalnum() else " " for character in plain if not _is_mark(character)
    )
    return " ".join("".join(kept).split())


def _is_mark(character: str) -> bool:
    return unicodedata.category(character) == "Mn"
