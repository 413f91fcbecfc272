"""Moments and days as French readers say them, whatever the locale of the machine."""

from datetime import date, datetime

from shared.calendrier import PARIS

JOURS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MOIS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet",
    "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip


def say_moment(at: datetime) -> str:
    """A moment in Paris: « jeudi 1er mai 2025 à 9 h 05 (heure de Paris) »."""
    local = at.astimezone(PARIS)
    return f"{say_day(local.date())} à {local.hour}\u00a0h\u00a0{local.minute:02} (heure de Paris)"


def say_day(day: date) -> str:
    """A day: « jeudi 1er mai 2025 »."""
    number = "1er" if day.day == 1 else str(day.day)
    return f"{JOURS[day.weekday()]} {number} {MOIS[day.month - 1]} {day.year}"
