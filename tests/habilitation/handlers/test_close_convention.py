"""A convention is closed for good, today or on a day to come."""

import pytest

from services.habilitation.domain.convention import Convention, SiretReserve
from shared.contracts.conventions import EtatConvention
from shared.contracts.habilitation_commands import CloseConvention
from tests.habilitation.builders import AGENT, CONVENTION, TODAY, Scene, days
from tests.habilitation.signing import OURS, ask, names, young


async def test_closed_today_it_frees_its_siret() -> None:
    scene = Scene(OURS)
    (told,) = await scene.facts(ask(CloseConvention), AGENT)
    assert names([told]) == ["convention_closed"]
    assert (told.etat, told.cloture) == (EtatConvention.CLOTUREE, TODAY)
    assert scene.get(SiretReserve, OURS.id).convention_id is None


async def test_closed_on_a_day_to_come_it_stays_open_until_then() -> None:
    scene = Scene(OURS)
    (told,) = await scene.facts(ask(CloseConvention, cloture=days(10)), AGENT)
    assert (*names([told]), told.etat) == ("convention_updated", EtatConvention.OUVERTE)
    assert scene.get(SiretReserve, OURS.id).convention_id == CONVENTION
    assert scene.get(Convention, CONVENTION).is_open(days(9))
    assert not scene.get(Convention, CONVENTION).is_open(days(10))
    assert await scene.facts(ask(CloseConvention, cloture=days(10)), AGENT) == []


async def test_the_reservation_of_the_convention_that_followed_is_left_alone() -> None:
    scene = Scene(OURS.changed(convention_id="25_3"))
    await scene.ask(ask(CloseConvention), AGENT)
    assert scene.get(SiretReserve, OURS.id).convention_id == "25_3"


@pytest.mark.parametrize("etat", [EtatConvention.BROUILLON, EtatConvention.SUSPENDUE])
async def test_a_draft_or_a_suspended_one_is_closed_too(etat: EtatConvention) -> None:
    (told,) = await Scene(young(etat), OURS).facts(ask(CloseConvention), AGENT)
    assert told.etat == EtatConvention.CLOTUREE


async def test_nothing_is_closed_in_the_past_nor_twice() -> None:
    scene = Scene(OURS)
    assert await scene.code(ask(CloseConvention, cloture=days(-1)), AGENT) == "cloture_passee"
    await scene.ask(ask(CloseConvention), AGENT)
    assert await scene.code(ask(CloseConvention), AGENT) == "convention_cloturee"
