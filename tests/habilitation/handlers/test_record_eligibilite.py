"""The formulaire d'éligibilité opens CDAP and AFAS [seed 003]."""

import pytest

from services.habilitation.domain.convention import Convention
from shared.contracts.conventions import CodeService
from shared.contracts.habilitation_commands import RecordEligibilite
from tests.habilitation.builders import AGENT, CONVENTION, TODAY, Scene, convention, service
from tests.habilitation.signing import TOMORROW, ask, names, young

NEED = [CodeService.CDAP, CodeService.AFAS]


@pytest.mark.parametrize("code", NEED)
async def test_it_opens_the_service(code: CodeService) -> None:
    scene = Scene(convention(services=(service(code, eligibilite=None),)))
    (told,) = await scene.facts(ask(RecordEligibilite, service=code), AGENT)
    assert (*names([told]), told.service) == ("service_updated", code)
    opened = scene.get(Convention, CONVENTION).service(code)
    assert opened is not None
    assert (opened.eligibilite, opened.is_open) == (TODAY, True)
    assert await scene.facts(ask(RecordEligibilite, service=code), AGENT, now=TOMORROW) == []


@pytest.mark.parametrize("code", [each for each in CodeService if each not in NEED])
async def test_others_have_none(code: CodeService) -> None:
    asked = ask(RecordEligibilite, service=code)
    assert await Scene().code(asked, AGENT) == "eligibilite_sans_objet"


async def test_it_follows_the_bulletin() -> None:
    assert await Scene(young()).code(ask(RecordEligibilite), AGENT) == "bulletin_absent"
