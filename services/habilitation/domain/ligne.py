"""What names are: one line of text, read as it is written."""

import unicodedata

_NOT_IN_A_LINE = ("C", "Zl", "Zp")
"""Control and format characters, line and paragraph ends (UAX #44), as in the names of people."""


def is_one_line(text: str) -> bool:
    """Whether a text holds nothing but what is printed on one line."""
    return not any(unicodedata.category(each).startswith(_NOT_IN_A_LINE) for each in text)
