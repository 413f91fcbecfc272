"""Challenges that one source is given, on a real mongod."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from services.identity import captchas
from services.identity.captchas import Captchas
from services.identity.domain.captcha import GIVEN_WITHIN, TooManyCaptchas
from shared.mongo.client import Store
from shared.security.macs import Macs

pytestmark = pytest.mark.connected

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
SOURCE, MOST = "192.0.2.7", 5


@pytest.fixture
def given(store: Store, monkeypatch: pytest.MonkeyPatch) -> Captchas:
    monkeypatch.setattr(captchas, "MOST_GIVEN", MOST)
    return Captchas(store, Macs("A" * 43 + "="))


async def test_source_is_given_so_many_an_hour_however_many_are_asked_at_once(
    given: Captchas,
) -> None:
    asked = [given.give(SOURCE, NOW) for _ in range(4 * MOST)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    refused = [each for each in answers if isinstance(each, TooManyCaptchas)]
    assert len(answers) - len(refused) == MOST
    assert await given.give("203.0.113.9", NOW)
    with pytest.raises(TooManyCaptchas):
        await given.give(SOURCE, NOW + GIVEN_WITHIN - timedelta(seconds=1))
    assert await given.give(SOURCE, NOW + GIVEN_WITHIN)


async def test_refusals_are_not_counted_and_challenges_that_are_replaced_are(
    given: Captchas,
) -> None:
    last = None
    for minute in range(MOST):
        now = NOW + timedelta(minutes=minute)
        last = (await given.give(SOURCE, now, instead_of=last)).id
    for _ in range(3):
        with pytest.raises(TooManyCaptchas):
            await given.give(SOURCE, NOW + timedelta(minutes=50))
    assert await given.give(SOURCE, NOW + GIVEN_WITHIN)


async def test_source_is_not_stored_in_clear(given: Captchas, store: Store) -> None:
    await given.give(SOURCE, NOW)
    rows = [str(row) async for row in store.collection(captchas.COLLECTION).find()]
    assert len(rows) == 2
    assert not any(SOURCE in row for row in rows)
