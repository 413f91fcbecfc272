"""Days as the trade counts them: calendar days in Paris, whatever the locale of the machine."""

from datetime import date, datetime, time
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import PlainSerializer

PARIS = ZoneInfo("Europe/Paris")
"""The dates of accounts, conventions and declarations are days of metropolitan France (assumed:
the overseas Caf publish the same dates)."""

Jour = Annotated[date, PlainSerializer(date.isoformat)]
"""A day as documents keep it: its ISO text, which sorts as days do (BSON has no day)."""


def day_of(at: datetime) -> date:
    """The day in Paris at a moment."""
    return at.astimezone(PARIS).date()


def start_of(day: date) -> datetime:
    """The moment at which a day begins in Paris."""
    return datetime.combine(day, time.min, PARIS)
