"""ApplyGroupeDates: what the calendar opened or closed is told once."""

from typing import Any

import pytest

from services.habilitation.domain.groupe import Groupe
from shared.contracts.habilitation import GroupeClosed, GroupeStarted
from shared.contracts.habilitation_commands import ApplyGroupeDates
from tests.habilitation.builders import (
    ADMIN,
    CONVENTION,
    ITSELF,
    OTHER_CONVENTION,
    OTHER_SERVICE,
    TODAY,
    Scene,
    days,
    groupe,
)


def apply(**own: Any) -> ApplyGroupeDates:
    values: dict[str, Any] = {"convention_id": CONVENTION, "groupe_id": "g2", "day": TODAY}
    return ApplyGroupeDates(**(values | own))


async def test_an_opening_day_that_has_come_is_told_once():
    scene = Scene(groupe("g2", ouverture=TODAY, ouverture_dite=False))
    (told,) = await scene.facts(apply(), ITSELF)
    assert isinstance(told, GroupeStarted)
    assert await scene.facts(apply(), ITSELF) == []


async def test_a_closing_day_that_has_come_is_told_once():
    scene = Scene(groupe("g2", cloture=TODAY))
    (told,) = await scene.facts(apply(), ITSELF)
    assert isinstance(told, GroupeClosed)
    assert await scene.facts(apply(), ITSELF) == []


async def test_of_a_group_whose_days_both_passed_untold_the_closing_is_told():
    scene = Scene(groupe("g2", ouverture=days(-2), cloture=TODAY, ouverture_dite=False))
    (told,) = await scene.facts(apply(), ITSELF)
    assert isinstance(told, GroupeClosed)
    assert scene.get(Groupe, "g2").ouverture_dite


@pytest.mark.parametrize(
    "own", [{"ouverture": days(1), "ouverture_dite": False}, {"cloture": days(1)}, {}]
)
async def test_nothing_is_told_before_its_day(own):
    assert await Scene(groupe("g2", **own)).facts(apply(), ITSELF) == []


@pytest.mark.parametrize("by", [ADMIN, OTHER_SERVICE])
async def test_only_the_scheduler_asks(by):
    assert await Scene().code(apply(), by) == "non_permis"


@pytest.mark.parametrize("own", [{"groupe_id": "nothing"}, {"convention_id": OTHER_CONVENTION}])
async def test_of_nothing_nothing_is_told(own):
    assert await Scene().code(apply(**own), ITSELF) == "groupe_inconnu"
