"""The identifiant of an account: AAA9999AA99 [seed 004], drawn, never reused."""

import re
import secrets

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
DIGITS = "23456789"
"""No I, O, 0, 1: people mistake them for one another [seed 003]."""
_SHAPE = "AAA9999AA99"
PATTERN = re.compile(r"[A-Z]{3}[0-9]{4}[A-Z]{2}[0-9]{2}")
CANDIDATES = 3
"""How many are drawn for one account, so that a taken one costs nothing (assumed)."""


def draw_identifiant() -> str:
    """One identifiant at random (2·10¹² of them)."""
    return "".join(secrets.choice(LETTERS if place == "A" else DIGITS) for place in _SHAPE)


def read_identifiant(typed: str) -> str:
    """What a person typed, as it is kept: no spaces, capitals."""
    return "".join(typed.split()).upper()[: len(_SHAPE) + 1]
