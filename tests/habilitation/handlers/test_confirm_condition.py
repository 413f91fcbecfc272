"""The Caf confirms the own condition of a profile: until then no group may have it."""

from datetime import timedelta
from typing import Any

from services.habilitation.domain.convention import Convention
from shared.contracts.conventions import CodeService
from shared.contracts.habilitation_commands import ConfirmCondition, TerminateBulletin
from tests.habilitation import builders
from tests.habilitation.builders import AGENT, CONVENTION, NOW, Scene, cdap, convention
from tests.habilitation.signing import ask, names, young


def profil(scene: Scene, code: str) -> Any:
    signed = scene.get(Convention, CONVENTION).service(CodeService.CDAP)
    assert signed is not None
    return signed.profil(code)


async def test_confirmed_the_profile_may_be_used() -> None:
    scene = Scene()
    assert not profil(scene, "T9").is_usable
    (told,) = await scene.facts(ask(ConfirmCondition), AGENT)
    assert (*names([told]), told.service) == ("service_updated", "cdap")
    assert profil(scene, "T9").is_usable
    assert [each.condition_confirmee for each in told.services[0].profils] == [False, False, True]
    confirmed = told.services[0].profils[2].confirmation
    assert (confirmed.at, confirmed.par) == (NOW, AGENT.id)
    later = NOW + timedelta(days=1)
    assert await scene.facts(ask(ConfirmCondition), AGENT, now=later) == []


async def test_a_condition_confirmed_before_days_were_kept_is_not_confirmed_again() -> None:
    judged = builders.profil("T9", condition="Désignation", condition_confirmee=True)
    scene = Scene(convention(services=(cdap(profils=(judged,)),)))
    assert await scene.facts(ask(ConfirmCondition), AGENT) == []


async def test_only_a_condition_of_a_profile_granted_by_a_bulletin() -> None:
    refused = {"condition_sans_objet": "T2", "profil_non_accorde": "T4"}
    for code, asked in refused.items():
        assert await Scene().code(ask(ConfirmCondition, profil=asked), AGENT) == code
    assert await Scene(young()).code(ask(ConfirmCondition), AGENT) == "bulletin_absent"
    over = Scene()
    await over.ask(ask(TerminateBulletin, service=CodeService.CDAP), AGENT)
    assert await over.code(ask(ConfirmCondition), AGENT) == "bulletin_absent"
