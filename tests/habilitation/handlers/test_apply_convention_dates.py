"""The day has come: the scheduler says so, the convention opens or closes, once."""

from datetime import date
from typing import Any

import pytest

from services.habilitation.domain.convention import Convention, SiretReserve
from shared.contracts.conventions import EtatConvention
from shared.contracts.habilitation_commands import ApplyConventionDates, ModifyConvention
from shared.security.principal import Principal
from tests.habilitation.builders import (
    ADMIN,
    AGENT,
    CONVENTION,
    ITSELF,
    OTHER_SERVICE,
    TODAY,
    Scene,
    convention,
    days,
)
from tests.habilitation.signing import OURS, ask, names, young

WAITS: dict[str, Any] = {"etat": EtatConvention.A_SIGNER, "validee": True}


def apply(day: date = TODAY, convention_id: str = CONVENTION) -> ApplyConventionDates:
    return ApplyConventionDates(convention_id=convention_id, day=day)


async def test_it_opens_on_its_day_once() -> None:
    scene = Scene(young(**WAITS, ouverture=TODAY))
    (told,) = await scene.facts(apply(), ITSELF)
    assert (*names([told]), told.etat) == ("convention_opened", EtatConvention.OUVERTE)
    assert scene.get(Convention, CONVENTION).etat is EtatConvention.OUVERTE
    assert await scene.facts(apply(), ITSELF) == []


async def test_it_closes_on_its_day_once_and_frees_its_siret() -> None:
    for etat in (EtatConvention.OUVERTE, EtatConvention.SUSPENDUE, EtatConvention.BROUILLON):
        scene = Scene(convention(etat=etat, cloture=TODAY), OURS)
        (told,) = await scene.facts(apply(), ITSELF)
        assert (*names([told]), told.etat) == ("convention_closed", EtatConvention.CLOTUREE)
        assert scene.get(SiretReserve, OURS.id).convention_id is None
        assert await scene.facts(apply(), ITSELF) == []


async def test_the_scheduler_has_judged_the_day() -> None:
    tomorrow = days(1)
    scene = Scene(young(**WAITS, ouverture=tomorrow))
    (told,) = await scene.facts(apply(tomorrow), ITSELF)
    assert told.etat == EtatConvention.OUVERTE
    scene = Scene(convention(cloture=tomorrow), OURS)
    (told,) = await scene.facts(apply(tomorrow), ITSELF)
    assert told.etat == EtatConvention.CLOTUREE


async def test_a_date_that_was_moved_is_not_applied() -> None:
    scene = Scene(young(**WAITS, ouverture=TODAY), OURS)
    later = ModifyConvention(convention_id=CONVENTION, ouverture=days(2))
    assert await scene.code(later, AGENT) == "deja_ouverte"
    early = Scene(young(**WAITS, ouverture=days(1)), OURS)
    await early.ask(later, AGENT)
    assert await early.facts(apply(days(1)), ITSELF) == []


async def test_a_draft_does_not_open_by_itself() -> None:
    for etat in (EtatConvention.BROUILLON, EtatConvention.A_SIGNER):
        scene = Scene(young(etat, ouverture=TODAY), OURS)
        assert await scene.facts(apply(), ITSELF) == []


@pytest.mark.parametrize("by", [AGENT, ADMIN, OTHER_SERVICE], ids=lambda by: by.id)
async def test_nobody_but_the_service_itself_asks(by: Principal) -> None:
    assert await Scene().code(apply(), by) == "non_permis"


async def test_there_is_a_convention() -> None:
    assert await Scene().code(apply(convention_id="99_9"), ITSELF) == "convention_inconnue"


async def test_what_nobody_told_yet_is_decided_by_the_clock_all_the_same() -> None:
    scene = Scene(convention(cloture=TODAY), OURS)
    assert await scene.code(ask(ModifyConvention), AGENT) == "convention_cloturee"
