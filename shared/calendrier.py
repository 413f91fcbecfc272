"""Days as the trade counts them: calendar days in Paris, whatever the locale of the machine."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
"""The dates of accounts, conventions and declarations are days of metropolitan France (assumed:
the overseas Caf publish the same dates)."""


def day_of(at: datetime) -> date:
    """The day in Paris at a moment."""
    return at.astimezone(PARIS).date()


def start_of(day: date) -> datetime:
    """The moment at which a day begins in Paris."""
    return datetime.combine(day, time.min, PARIS)
