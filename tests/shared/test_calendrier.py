"""Days are those of Paris."""

from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import TypeAdapter

from shared.calendrier import Jour, day_of, start_of


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 1, 31, 22, 59, 59, tzinfo=UTC), date(2026, 1, 31)),
        (datetime(2026, 1, 31, 23, 0, tzinfo=UTC), date(2026, 2, 1)),
        (datetime(2026, 7, 31, 21, 59, 59, tzinfo=UTC), date(2026, 7, 31)),
        (datetime(2026, 7, 31, 22, 0, tzinfo=UTC), date(2026, 8, 1)),
    ],
)
def test_day_is_that_of_paris_in_winter_and_in_summer(at: datetime, day: date) -> None:
    assert day_of(at) == day


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25), date(2026, 12, 31)])
def test_day_begins_at_midnight_also_when_the_hour_changes(day: date) -> None:
    begins = start_of(day)
    assert day_of(begins) == day
    assert day_of(begins - timedelta(microseconds=1)) == day - timedelta(days=1)


def test_day_is_kept_as_a_text_that_sorts_as_days_do() -> None:
    days = [date(2026, 9, 30), date(2026, 10, 1), date(2027, 1, 1)]
    kept = [TypeAdapter(Jour).dump_python(day) for day in days]
    assert kept == sorted(kept) == ["2026-09-30", "2026-10-01", "2027-01-01"]
    assert [TypeAdapter(Jour).validate_python(text) for text in kept] == days
