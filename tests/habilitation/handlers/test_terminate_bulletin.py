"""A service ends for a convention."""

import pytest

from services.habilitation.domain.convention import Convention
from services.habilitation.domain.mention import Mention
from shared.contracts.conventions import CodeService, EtatService
from shared.contracts.habilitation_commands import TerminateBulletin
from tests.habilitation.builders import AGENT, CONVENTION, NOW, SIGNED, Scene, cdap, convention
from tests.habilitation.signing import ask, names


@pytest.mark.parametrize("etat", [EtatService.SIGNE, EtatService.SUSPENDU])
async def test_it_is_over_and_gives_nothing(etat: EtatService) -> None:
    since = Mention(at=SIGNED, par="autre")
    scene = Scene(convention(services=(cdap(etat=etat, motif="x", suspension=since),)))
    (told,) = await scene.facts(ask(TerminateBulletin, service=CodeService.CDAP), AGENT)
    assert (*names([told]), told.service) == ("service_closed", "cdap")
    ended = scene.get(Convention, CONVENTION).service(CodeService.CDAP)
    assert ended is not None
    assert (ended.etat, ended.motif, ended.is_open) == (EtatService.RESILIE, None, False)
    dated = told.services[0]
    assert (dated.suspension, dated.resiliation.at, dated.resiliation.par) == (None, NOW, AGENT.id)


async def test_what_was_never_signed_or_is_over_does_not_end() -> None:
    scene = Scene()
    asked = ask(TerminateBulletin, service=CodeService.ADONIS)
    await scene.ask(asked, AGENT)
    never = ask(TerminateBulletin, service=CodeService.DGFIP)
    for each in (asked, never):
        assert await scene.code(each, AGENT) == "bulletin_absent"
