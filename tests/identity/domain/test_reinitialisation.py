"""A new temporary password: the newest only, the password in use untouched, three an hour."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.identity.domain.compte import Compte
from services.identity.domain.reinitialisation import (
    Tirage,
    TooManyResets,
    reset,
)
from shared.errors import Outdated
from shared.frequence import WITHIN
from tests.identity.builders import DAY, NOW, TEMPORARY, compte, facts, hash_of, temporary, written

TIRAGE = Tirage("zoe@commune.example", 2, hash_of(TEMPORARY), "sealed", "key-1", NOW + DAY)


def again(before: Compte) -> Compte:
    drawn = replace(TIRAGE, generation=before.generation + 1)
    return written(reset(before, drawn, asked_by=None, now=NOW), Compte)[0]


def test_password_in_use_stays_and_the_newest_temporary_one_cancels_the_other() -> None:
    before = compte(provisoire=temporary())
    decision = reset(before, TIRAGE, asked_by="agent-1", now=NOW)
    (after,) = written(decision, Compte)
    assert after.mot_de_passe == before.mot_de_passe
    assert after.epoque == before.epoque
    assert after.provisoire == temporary(generation=2)
    told, mailed = facts(decision)
    assert (told.generation, told.asked_by) == (2, "agent-1")
    assert (mailed.generation, mailed.sealed, mailed.expires_at) == (2, "sealed", NOW + DAY)


def test_facts_are_of_the_document_that_is_written() -> None:
    decision = reset(compte(), TIRAGE, asked_by=None, now=NOW)
    assert {told.by for told in decision.facts} == set(decision.writes)


@pytest.mark.parametrize("moved", [{"generation": 2}, {"mail": "autre@commune.example"}])
def test_what_was_drawn_for_the_account_of_before_is_not_issued(moved: dict[str, Any]) -> None:
    with pytest.raises(Outdated):
        reset(compte(**moved), TIRAGE, asked_by=None, now=NOW)


def test_three_an_hour_and_again_when_the_hour_has_passed() -> None:
    third = again(again(again(compte())))
    with pytest.raises(TooManyResets):
        again(third)
    later = NOW + WITHIN
    drawn = replace(TIRAGE, generation=5)
    before = third.changed(generation=4)
    with pytest.raises(TooManyResets):
        reset(before, drawn, asked_by=None, now=later - timedelta(milliseconds=1))
    assert written(reset(before, drawn, asked_by=None, now=later), Compte)
