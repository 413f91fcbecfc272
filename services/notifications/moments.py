"""Moments as French readers say them, whatever the locale of the machine."""

from datetime import datetime
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
JOURS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MOIS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet",
    "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip


def say_moment(at: datetime) -> str:
    """A moment in Paris: « jeudi 1er mai 2025 à 9 h 05 (heure de Paris) »."""
    local = at.astimezone(PARIS)
    day = "1er" if local.day == 1 else str(local.day)
    date = f"{JOURS[local.weekday()]} {day} {MOIS[local.month - 1]} {local.year}"
    return f"{date} à {local.hour}\u00a0h\u00a0{local.minute:02} (heure de Paris)"
