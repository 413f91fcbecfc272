"""The retry calendar: when a mail that the server deferred is tried again."""

from datetime import datetime, timedelta

REPRISES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=3),
)
"""Wait after the 1st, 2nd… deferral; the last one goes on. Soon at first, as GOV.UK Notify does
(every 300 s, https://github.com/alphagov/notifications-api/blob/main/app/celery/provider_tasks.py),
then every two or three hours (RFC 5321 §4.5.4.1); the first minute is assumed."""
DUREE_MAX = timedelta(hours=48)
"""How long a mail is tried, whatever it carries (assumed: a relay that is closed over a week-end
answers on Monday to the next mail, not to this one)."""


def next_attempt(deferrals: int, now: datetime, limit: datetime) -> datetime:
    """When to try again after so many deferrals, never beyond the limit."""
    wait = REPRISES[min(deferrals, len(REPRISES)) - 1]
    return min(now + wait, limit)
