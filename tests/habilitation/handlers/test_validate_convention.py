"""Signed by all: open today, or on its opening day."""

import pytest

from services.habilitation.domain.convention import Convention
from shared.contracts.conventions import EtatConvention
from shared.contracts.habilitation_commands import ValidateConvention
from tests.habilitation.builders import AGENT, CONVENTION, TODAY, Scene, days
from tests.habilitation.signing import ask, names, young

SIGNING = EtatConvention.A_SIGNER


async def test_it_opens_at_once_where_its_day_has_come() -> None:
    scene = Scene(young(SIGNING, ouverture=TODAY))
    (told,) = await scene.facts(ask(ValidateConvention), AGENT)
    assert (*names([told]), told.etat) == ("convention_opened", EtatConvention.OUVERTE)
    assert scene.get(Convention, CONVENTION).etat is EtatConvention.OUVERTE


async def test_it_waits_for_its_day_and_opens_then_by_the_clock() -> None:
    scene = Scene(young(SIGNING, ouverture=days(1)))
    (told,) = await scene.facts(ask(ValidateConvention), AGENT)
    assert (*names([told]), told.etat) == ("convention_updated", SIGNING)
    assert (told.validee, told.ouverture) == (True, days(1)), "other services open it that day too"
    stored = scene.get(Convention, CONVENTION)
    assert (stored.is_open(TODAY), stored.is_open(days(1))) == (False, True)
    assert await scene.code(ask(ValidateConvention), AGENT) == "deja_validee"


@pytest.mark.parametrize(
    "etat", [EtatConvention.BROUILLON, EtatConvention.OUVERTE, EtatConvention.SUSPENDUE]
)
async def test_only_what_waits_for_signatures_is_validated(etat: EtatConvention) -> None:
    assert await Scene(young(etat)).code(ask(ValidateConvention), AGENT) == "etat_contraire"


async def test_one_that_the_calendar_opened_is_not_validated_again() -> None:
    opened = young(SIGNING, ouverture=TODAY, validee=True)
    assert await Scene(opened).code(ask(ValidateConvention), AGENT) == "etat_contraire"
