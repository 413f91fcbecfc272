"""So many times an hour, counted by moments that are forgotten after it."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.frequence import WITHIN, TooOften, counted

NOW = datetime(2025, 3, 6, 13, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_what_is_older_than_the_hour_counts_no_more() -> None:
    moments = counted((NOW - WITHIN, NOW - MINUTE), NOW, most=2)
    assert moments == (NOW - MINUTE, NOW)
    with pytest.raises(TooOften):
        counted(moments, NOW, most=2)
    assert len(counted(moments, NOW + WITHIN - MINUTE, most=2)) == 2
