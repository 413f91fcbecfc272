"""The day has come: the scheduler says so, and it is told once that people are in, or out."""

from datetime import date

import pytest

from services.habilitation.domain.membre import Membre
from shared.contracts.habilitation_commands import AddAppartenance, ApplyAppartenanceDates
from shared.security.principal import Principal
from tests.habilitation.builders import (
    ADMIN,
    AGENT,
    CONVENTION,
    ITSELF,
    OPENED,
    OTHER_CONVENTION,
    OTHER_SERVICE,
    TODAY,
    Scene,
    appartenance,
    days,
    membre,
)


def apply(day: date = TODAY, convention_id: str = CONVENTION) -> ApplyAppartenanceDates:
    return ApplyAppartenanceDates(convention_id=convention_id, user_id="membre", day=day)


def coming(groupe_id: str = "g2", debut: date = TODAY, fin: date | None = None) -> Membre:
    begins = appartenance(groupe_id, debut, fin).model_copy(update={"debut_dit": False})
    return membre("membre", "g1", begins)


async def test_beginning_is_told_once() -> None:
    scene = Scene(coming())
    (told,) = await scene.facts(apply(), ITSELF)
    assert told.TYPE == "mcp.habilitation.appartenance_started.v1"
    assert [each.groupe_id for each in told.appartenances] == ["g1", "g2"]
    assert await scene.facts(apply(), ITSELF) == []


async def test_end_is_told_once() -> None:
    scene = Scene(membre("membre", appartenance("g1", fin=TODAY), "g2"))
    (told,) = await scene.facts(apply(), ITSELF)
    assert told.TYPE == "mcp.habilitation.appartenance_lapsed.v1"
    assert [each.groupe_id for each in told.appartenances] == ["g2"]
    assert [each.groupe_id for each in told.passees] == ["g1"]
    assert await scene.facts(apply(), ITSELF) == []


async def test_both_are_told_where_both_came() -> None:
    begins = appartenance("g2", TODAY).model_copy(update={"debut_dit": False})
    scene = Scene(membre("membre", appartenance("g1", fin=TODAY), begins))
    assert [each.TYPE.split(".")[2] for each in await scene.facts(apply(), ITSELF)] == [
        "appartenance_started",
        "appartenance_lapsed",
    ]


async def test_what_was_over_before_it_was_told_to_begin_is_told_over() -> None:
    scene = Scene(coming(debut=days(-3), fin=days(-1)))
    (told,) = await scene.facts(apply(), ITSELF)
    assert told.TYPE == "mcp.habilitation.appartenance_lapsed.v1"


@pytest.mark.parametrize(
    "before",
    [
        membre("membre", "g1"),
        coming(debut=days(1)),
        membre("membre", appartenance("g1", fin=days(1))),
        membre("simple"),
        membre("membre", appartenance("g1", OPENED, days(-3)).told_at(TODAY)),
    ],
)
async def test_nothing_is_due_when_the_date_was_moved_or_told(before: Membre) -> None:
    assert await Scene(before).facts(apply(), ITSELF) == []


async def test_day_of_the_scheduler_is_the_one_that_counts() -> None:
    scene = Scene(coming(debut=days(1)))
    assert len(await scene.facts(apply(days(1)), ITSELF)) == 1


async def test_whatever_is_told_of_a_person_tells_that_too() -> None:
    scene = Scene(coming())
    asked = AddAppartenance(convention_id=CONVENTION, groupe_id="declarer", user_id="membre")
    await scene.ask(asked)
    assert await scene.facts(apply(), ITSELF) == []


@pytest.mark.parametrize("by", [ADMIN, AGENT, OTHER_SERVICE])
async def test_only_the_scheduler_asks(by: Principal) -> None:
    assert await Scene(coming()).code(apply(), by) == "non_permis"


async def test_person_of_another_convention_or_of_no_group_has_nothing_due() -> None:
    assert await Scene(coming()).facts(apply(convention_id=OTHER_CONVENTION), ITSELF) == []
    scene = Scene()
    del scene.stored[Membre.key_of("membre")]
    assert await scene.facts(apply(), ITSELF) == []
