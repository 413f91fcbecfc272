"""A session ends by idleness, by age, with its epoch, with its account."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.domain.session import ABSOLUTE, IDLE, draw_token, id_of, is_open, may_enter
from shared.contracts.comptes import GenreCompte
from shared.contracts.conventions import EtatConvention
from tests.identity.builders import NOW, compte, convention, session

HALF_HOUR = timedelta(minutes=30)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("idle", "opened"),
    [
        (timedelta(), True),
        (timedelta(minutes=29, seconds=59), True),
        (HALF_HOUR, False),
        (HALF_HOUR + SECOND, False),
    ],
)
def test_half_an_hour_without_activity_ends_it(idle: timedelta, opened: bool) -> None:
    assert is_open(session(), compte(), convention(), NOW + idle) is opened


@pytest.mark.parametrize(
    ("age", "opened"),
    [(timedelta(hours=11, minutes=59, seconds=59), True), (timedelta(hours=12), False)],
)
def test_twelve_hours_end_it_whatever_happens(age: timedelta, opened: bool) -> None:
    now = NOW + age
    assert is_open(session(seen_at=now), compte(), convention(), now) is opened


@pytest.mark.parametrize("epoque", [-1, 1])
def test_session_of_another_epoch_opens_nothing(epoque: int) -> None:
    assert not is_open(session(epoque=epoque), compte(), convention(), NOW)
    assert is_open(session(epoque=epoque), compte(epoque=epoque), convention(), NOW)


def test_session_of_a_closed_account_opens_nothing() -> None:
    assert not is_open(session(), compte(cloture=NOW.date()), convention(), NOW)


@pytest.mark.parametrize("etat", [EtatConvention.SUSPENDUE, EtatConvention.CLOTUREE])
def test_session_opens_nothing_while_the_convention_is_not_open(etat: EtatConvention) -> None:
    assert not is_open(session(), compte(), convention(etat=etat), NOW)
    assert not is_open(session(), compte(), None, NOW)


@pytest.mark.parametrize("genre", [GenreCompte.AGENT_CAF, GenreCompte.BAILLEUR])
def test_who_has_no_convention_needs_none(genre: GenreCompte) -> None:
    assert is_open(session(), compte(genre=genre, convention_id=None), None, NOW)


def test_session_that_its_person_ended_opens_nothing() -> None:
    assert not is_open(session(ended_at=NOW), compte(), convention(), NOW)


def test_account_opens_nothing_before_its_day() -> None:
    tomorrow = NOW.date() + timedelta(days=1)
    assert not may_enter(compte(ouverture=tomorrow), convention(), NOW)
    assert may_enter(compte(ouverture=tomorrow), convention(), NOW + timedelta(days=1))


@pytest.mark.parametrize("etat", sorted(EtatConvention))
def test_account_opens_nothing_unless_its_convention_is_open(etat: EtatConvention) -> None:
    open_convention = etat is EtatConvention.OUVERTE
    assert may_enter(compte(), convention(etat=etat), NOW) is open_convention
    assert is_open(session(), compte(), convention(etat=etat), NOW) is open_convention


def test_convention_closes_on_its_day_whether_habilitation_told_it_or_not() -> None:
    day = NOW.date()
    assert not may_enter(compte(), convention(cloture=day), NOW)
    assert may_enter(compte(), convention(cloture=day + timedelta(days=1)), NOW)


@given(st.timedeltas(timedelta(), timedelta(days=2)), st.timedeltas(timedelta(), timedelta(1)))
def test_closed_session_never_opens_again(first: timedelta, then: timedelta) -> None:
    if not is_open(session(), compte(), convention(), NOW + first):
        assert not is_open(session(), compte(), convention(), NOW + first + then)
    assert IDLE < ABSOLUTE


def test_token_is_not_in_the_id() -> None:
    tokens = {draw_token() for _ in range(100)}
    assert len(tokens) == 100
    for token in tokens:
        assert len(token) >= 43  # 256 bits
        assert token not in id_of(token)
        assert id_of(token) == id_of(token)
