"""The counters of attempts on a real mongod: the bound holds whoever comes, dies, or waits."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from services.identity import essais
from services.identity.domain.essais import DAY, LEASE, LIMITES, Place, Portier, Refus
from services.identity.essais import StoredEssais
from shared.errors import Unavailable
from shared.mongo.client import Store
from shared.security.macs import Macs
from tests.identity.builders import IDENTIFIANT

pytestmark = pytest.mark.connected

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
SOURCE = "192.0.2.7"
MINUTE = timedelta(minutes=1)
COMPTE = LIMITES[Portier.COMPTE]
KEY = "A" * 43 + "="


@pytest.fixture
def counters(store: Store) -> StoredEssais:
    return StoredEssais(store, Macs(KEY))


@pytest.fixture
def replica(store: Store) -> StoredEssais:
    """The same counters as another process sees them."""
    return StoredEssais(store, Macs(KEY))


async def fail(counters: StoredEssais, now: datetime, source: str = SOURCE) -> datetime | None:
    """One wrong password; the end of the delay that it started."""
    place = await counters.take(IDENTIFIANT, source, now)
    assert isinstance(place, Place), place
    return await counters.give_back(place, right=False, now=now)


async def test_delays_start_at_the_fifth_failure_and_double_up_to_a_quarter_of_an_hour(
    counters: StoredEssais,
) -> None:
    now, minutes = NOW, []
    for _ in range(4):
        assert await fail(counters, now) is None
    for _ in range(7):
        until = await fail(counters, now)
        assert until is not None
        assert await counters.take(IDENTIFIANT, SOURCE, until - MINUTE / 60) == Refus(until)
        minutes.append((until - now) / MINUTE)
        now = until
    assert minutes == [1, 2, 4, 8, 15, 15, 15]


async def test_right_password_makes_the_failures_before_it_forgotten(
    counters: StoredEssais,
) -> None:
    for _ in range(3):
        for _ in range(4):
            assert await fail(counters, NOW) is None
        place = await counters.take(IDENTIFIANT, SOURCE, NOW)
        assert isinstance(place, Place)
        assert await counters.give_back(place, right=True, now=NOW) is None


async def test_25_failures_in_a_day_whatever_comes_between(counters: StoredEssais) -> None:
    """Right passwords forget the delays, not the day: a guesser does not profit from the owner."""
    now, failures = NOW, 0
    until = None
    for _ in range(200):
        place = await counters.take(IDENTIFIANT, "owner", now)
        if isinstance(place, Refus):
            break
        await counters.give_back(place, right=True, now=now)
        until = await fail(counters, now, f"198.51.100.{failures}")
        failures += 1
        now += MINUTE
    assert failures == COMPTE.par_jour
    assert until == NOW + DAY
    assert await fail(counters, until) == NOW + DAY + MINUTE
    assert isinstance(await counters.take(IDENTIFIANT, SOURCE, NOW + DAY + 2 * MINUTE), Place)


async def test_day_without_failures_forgets_them(counters: StoredEssais) -> None:
    for _ in range(4):
        await fail(counters, NOW)
    later = NOW + DAY
    for _ in range(4):
        assert await fail(counters, later) is None


async def test_source_is_delayed_after_50_failures_on_any_accounts_and_right_ones_do_not_help(
    counters: StoredEssais,
) -> None:
    for number in range(LIMITES[Portier.SOURCE].seuil):
        place = await counters.take(f"account {number}", SOURCE, NOW)
        assert isinstance(place, Place)
        await counters.give_back(place, right=False, now=NOW)
        if number == 30:
            own = await counters.take("own", SOURCE, NOW)
            assert isinstance(own, Place)
            await counters.give_back(own, right=True, now=NOW)
    assert isinstance(await counters.take("another", SOURCE, NOW), Refus)
    assert isinstance(await counters.take("another", "203.0.113.9", NOW), Place)
    assert isinstance(await counters.take("account 1", SOURCE, NOW + MINUTE), Place)


async def test_refusal_of_the_source_costs_the_account_nothing(
    counters: StoredEssais, store: Store
) -> None:
    for number in range(LIMITES[Portier.SOURCE].seuil):
        place = await counters.take(f"account {number}", SOURCE, NOW)
        assert isinstance(place, Place)
        await counters.give_back(place, right=False, now=NOW)
    for _ in range(10):
        assert isinstance(await counters.take(IDENTIFIANT, SOURCE, NOW), Refus)
    for _ in range(4):
        assert await fail(counters, NOW, "203.0.113.9") is None


async def test_of_200_at_once_on_two_processes_five_get_a_place(
    counters: StoredEssais, replica: StoredEssais
) -> None:
    looked_at = 0

    async def guess(number: int) -> None:
        nonlocal looked_at
        by = (counters, replica)[number % 2]
        place = await by.take(IDENTIFIANT, f"192.0.2.{number}", NOW)
        if isinstance(place, Place):
            looked_at += 1
            await by.give_back(place, right=False, now=NOW)

    await asyncio.gather(*(guess(number) for number in range(200)))
    assert looked_at == COMPTE.seuil


async def test_20_at_once_with_the_right_password_all_get_a_place(
    counters: StoredEssais, replica: StoredEssais
) -> None:
    async def sign_in(number: int) -> bool:
        by = (counters, replica)[number % 2]
        place = await by.take(IDENTIFIANT, SOURCE, NOW)
        if isinstance(place, Refus):
            return False
        await by.give_back(place, right=True, now=NOW)
        return True

    assert all(await asyncio.gather(*(sign_in(number) for number in range(20))))


async def aged(store: Store) -> None:
    """Make every loan as old as one that its process will never give back."""
    rows = store.collection(essais.COLLECTION)
    async for row in rows.find({"en_cours": {"$ne": []}}):
        lent = [{**loan, "at": loan["at"] - LEASE} for loan in row["en_cours"]]
        await rows.update_one({"_id": row["_id"]}, {"$set": {"en_cours": lent}})


async def test_places_of_a_process_that_died_are_failures(
    counters: StoredEssais, replica: StoredEssais, store: Store
) -> None:
    held = [await counters.take(IDENTIFIANT, SOURCE, NOW) for _ in range(COMPTE.seuil)]
    assert all(isinstance(place, Place) for place in held)
    await aged(store)
    assert await replica.take(IDENTIFIANT, "203.0.113.9", NOW) == Refus(NOW + MINUTE)
    late = held[0]
    assert isinstance(late, Place)  # the process was only slow: its answer changes nothing more
    assert await counters.give_back(late, right=False, now=NOW) == NOW + MINUTE
    assert await counters.give_back(late, right=True, now=NOW) is None
    assert await replica.take(IDENTIFIANT, SOURCE, NOW + MINUTE / 2) == Refus(NOW + MINUTE)


async def test_place_given_back_twice_counts_once(counters: StoredEssais) -> None:
    place = await counters.take(IDENTIFIANT, SOURCE, NOW)
    assert isinstance(place, Place)
    for _ in range(10):
        await counters.give_back(place, right=False, now=NOW)
    for _ in range(3):
        assert await fail(counters, NOW) is None


async def test_nothing_that_was_typed_is_stored(counters: StoredEssais, store: Store) -> None:
    await fail(counters, NOW)
    rows = [str(row) async for row in store.collection(essais.COLLECTION).find()]
    assert len(rows) == 2
    assert not any(IDENTIFIANT in row or SOURCE in row for row in rows)


async def test_odd_things_typed_are_counted_like_others(counters: StoredEssais) -> None:
    for typed in ("", "\0", "\ud800", "x" * 40, "$where"):
        place = await counters.take(typed, SOURCE, NOW)
        assert isinstance(place, Place)
        await counters.give_back(place, right=False, now=NOW)


async def test_who_waits_in_vain_is_not_told_that_his_password_is_wrong(
    counters: StoredEssais, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(essais, "PATIENCE_S", 0.05)
    for _ in range(COMPTE.seuil):
        await counters.take(IDENTIFIANT, SOURCE, NOW)
    with pytest.raises(Unavailable):
        await counters.take(IDENTIFIANT, SOURCE, NOW)


@pytest.mark.parametrize("turns", range(8))
async def test_who_goes_away_while_he_takes_a_place_leaves_nothing(
    turns: int, counters: StoredEssais, store: Store
) -> None:
    """Cancelled at any moment: no place stays taken, so no failure comes of it."""
    asking = asyncio.create_task(counters.take(IDENTIFIANT, SOURCE, NOW))
    for _ in range(turns):
        await asyncio.sleep(0)
    asking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asking
    held = await store.collection(essais.COLLECTION).count_documents({"en_cours": {"$ne": []}})
    assert held == 0


@pytest.mark.parametrize("seed", range(5))
async def test_bound_holds_in_any_order_of_events(
    seed: int, counters: StoredEssais, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Take, right, wrong, die: failures and places taken never pass the limit between delays."""
    monkeypatch.setattr(essais, "PATIENCE_S", 0.0)
    chance, held, now = Random(seed), list[Place](), NOW  # noqa: S311 - a test
    wrong = 0

    async def give_back(right: bool) -> None:
        nonlocal wrong
        place = held.pop(chance.randrange(len(held)))
        await counters.give_back(place, right=right, now=now)
        wrong = 0 if right else wrong + 1

    for _ in range(80):
        step = chance.choice(("take", "take", "take", "wrong", "wrong", "die", "right"))
        if step == "take":
            with contextlib.suppress(Unavailable):
                place = await counters.take(IDENTIFIANT, "s", now)
                assert isinstance(place, Place)
                held.append(place)
        elif step == "die" and held and chance.random() < 0.3:
            await aged(store)
            wrong, held = wrong + len(held), []
        elif step in {"wrong", "right"} and held:
            await give_back(step == "right" and chance.random() < 0.2)
        assert wrong + len(held) <= COMPTE.seuil
        if wrong == COMPTE.seuil:
            assert isinstance(await counters.take(IDENTIFIANT, "s", now), Refus)
            break
