"""The retry calendar."""

from datetime import timedelta

import pytest

from services.notifications.domain.reprises import DUREE_MAX, REPRISES, next_attempt
from tests.notifications.builders import NOW

FAR = NOW + timedelta(days=365)


@pytest.mark.parametrize(("deferrals", "wait"), list(enumerate(REPRISES, start=1)))
def test_each_deferral_has_its_wait(deferrals: int, wait: timedelta) -> None:
    assert next_attempt(deferrals, NOW, FAR) == NOW + wait


def test_last_wait_goes_on() -> None:
    assert next_attempt(len(REPRISES) + 30, NOW, FAR) == NOW + REPRISES[-1]


def test_waits_never_shorten() -> None:
    assert list(REPRISES) == sorted(REPRISES)
    assert sum(REPRISES, timedelta()) < DUREE_MAX


def test_never_beyond_the_limit() -> None:
    limit = NOW + timedelta(seconds=10)
    assert next_attempt(1, NOW, limit) == limit
