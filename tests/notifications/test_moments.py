"""Moments in French words, Paris time, summer and winter."""

from datetime import UTC, datetime

import pytest

from services.notifications.moments import say_moment


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (datetime(2025, 5, 1, 7, 5, tzinfo=UTC), "jeudi 1er mai 2025 à 9 h 05"),
        (datetime(2025, 12, 31, 23, 0, tzinfo=UTC), "jeudi 1er janvier 2026 à 0 h 00"),
        (datetime(2025, 8, 10, 21, 59, tzinfo=UTC), "dimanche 10 août 2025 à 23 h 59"),
        (datetime(2025, 3, 30, 0, 59, tzinfo=UTC), "dimanche 30 mars 2025 à 1 h 59"),
        (datetime(2025, 3, 30, 1, 0, tzinfo=UTC), "dimanche 30 mars 2025 à 3 h 00"),
    ],
)
def test_moment_is_said_in_paris_time(at: datetime, said: str) -> None:
    assert say_moment(at).replace("\u00a0", " ") == f"{said} (heure de Paris)"
