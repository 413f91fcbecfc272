"""A place first, one verification, and what came of it told once."""

import asyncio
from datetime import datetime, timedelta

import pytest

from services.identity.domain.essais import Essai, Place, Refus
from services.identity.handlers.checking import Attempt, Checking, failed
from shared.contracts.comptes import MotifEchec
from shared.errors import Unavailable
from tests.identity.builders import (
    IDENTIFIANT,
    NOW,
    PASSWORD,
    FakeEssais,
    FakeHasher,
    compte,
    facts,
    hash_of,
)

MINUTE = timedelta(minutes=1)


def attempt(password: str = PASSWORD, *, usable: bool = True) -> Attempt:
    typed = f" {IDENTIFIANT.lower()} "
    return Attempt(typed, "192.0.2.7", password, hash_of(PASSWORD), usable)


async def test_attempts_on_an_account_count_together_however_it_is_typed() -> None:
    hasher, essais = FakeHasher(), FakeEssais()
    essai = await Checking(hasher, essais).check(attempt(), NOW)
    assert essai == Essai(right=True, looked_at=True)
    assert essais.asked == [(IDENTIFIANT, "192.0.2.7", NOW)]
    assert essais.settled == [("place 1", True, NOW)]


@pytest.mark.parametrize("own", [{"password": "Autre-2026"}, {"usable": False}])
async def test_password_that_opens_nothing_is_a_failure(own: dict[str, object]) -> None:
    """A right one that opens nothing too: it must not make guesses forgotten."""
    essais = FakeEssais(jusqua=NOW + MINUTE)
    essai = await Checking(FakeHasher(), essais).check(attempt(**dict(own)), NOW)  # type: ignore[arg-type]
    assert essai.jusqua == NOW + MINUTE
    assert [right for _, right, _ in essais.settled] == [False]


async def test_without_a_place_the_hash_of_nobody_is_looked_at() -> None:
    hasher, essais = FakeHasher(), FakeEssais(refus=Refus(NOW + MINUTE))
    essai = await Checking(hasher, essais).check(attempt(), NOW)
    assert essai == Essai(right=False, looked_at=False, jusqua=NOW + MINUTE)
    assert hasher.verified == [None]
    assert essais.settled == []


async def test_who_waited_has_taken_that_time_already() -> None:
    hasher = FakeHasher()
    essais = FakeEssais(refus=Refus(NOW + MINUTE, waited=True))
    await Checking(hasher, essais).check(attempt(), NOW)
    assert hasher.verified == []


async def test_where_too_many_wait_no_place_is_taken() -> None:
    """A place of an honest password that waits for its thread too long would be a failure."""
    essais = FakeEssais()
    with pytest.raises(Unavailable):
        await Checking(FakeHasher(full=True), essais).check(attempt(), NOW)
    assert (essais.asked, essais.settled) == ([], [])


async def test_place_is_left_where_too_many_came_meanwhile() -> None:
    hasher, essais = FakeHasher(), FakeEssais()
    take = essais.take

    async def taken(identifiant: str, source: str, now: datetime) -> Place | Refus:
        hasher.full = True
        return await take(identifiant, source, now)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(essais, "take", taken)
        with pytest.raises(Unavailable):
            await Checking(hasher, essais).check(attempt(), NOW)
    assert (essais.left, essais.settled) == (["place 1"], [])


async def test_place_is_given_back_though_nobody_waits_any_more() -> None:
    hasher, essais = Slow(), FakeEssais()
    asking = asyncio.create_task(Checking(hasher, essais).check(attempt(), NOW))
    await hasher.looking.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert essais.settled == []
    hasher.go_on.set()
    for _ in range(5):
        await asyncio.sleep(0)
    assert essais.settled == [("place 1", True, NOW)]


class Slow(FakeHasher):
    """Verifies when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.looking, self.go_on = asyncio.Event(), asyncio.Event()

    async def verify(self, password: str, hash: str | None) -> bool:
        self.looking.set()
        await self.go_on.wait()
        return await super().verify(password, hash)


def test_delay_is_told_once_by_whoever_meets_it_first() -> None:
    until = NOW + MINUTE
    wrong = Essai(right=False, looked_at=True, jusqua=until)
    first = failed(compte(), wrong, MotifEchec.MOT_DE_PASSE, now=NOW)
    assert [fact.TYPE.split(".")[2] for fact in facts(first)] == ["sign_in_failed", "user_locked"]
    assert facts(first)[1].until == until
    told = compte(bloque_jusqua=until)
    met = Essai(right=False, looked_at=False, jusqua=until)
    assert failed(told, met, MotifEchec.MOT_DE_PASSE, now=NOW).facts == ()
    assert failed(told, met, MotifEchec.MOT_DE_PASSE, now=NOW).writes == ()
    (alone,) = facts(failed(compte(), met, MotifEchec.MOT_DE_PASSE, now=NOW))
    assert alone.TYPE == "mcp.identity.user_locked.v1"


def test_older_delay_is_not_told_after_a_newer_one() -> None:
    late = Essai(right=False, looked_at=True, jusqua=NOW + MINUTE)
    told = failed(compte(bloque_jusqua=NOW + 2 * MINUTE), late, MotifEchec.MOT_DE_PASSE, now=NOW)
    assert [fact.TYPE for fact in facts(told)] == ["mcp.identity.sign_in_failed.v1"]
