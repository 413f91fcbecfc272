"""The Caf confirms the own condition of a profile: until then no group may have it."""

from typing import Any

from services.habilitation.domain.convention import Convention
from shared.contracts.conventions import CodeService
from shared.contracts.habilitation_commands import ConfirmCondition, TerminateBulletin
from tests.habilitation.builders import AGENT, CONVENTION, Scene
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
    assert await scene.facts(ask(ConfirmCondition), AGENT) == []


async def test_only_a_condition_of_a_profile_granted_by_a_bulletin() -> None:
    refused = {"condition_sans_objet": "T2", "profil_non_accorde": "T4"}
    for code, asked in refused.items():
        assert await Scene().code(ask(ConfirmCondition, profil=asked), AGENT) == code
    assert await Scene(young()).code(ask(ConfirmCondition), AGENT) == "bulletin_absent"
    over = Scene()
    await over.ask(ask(TerminateBulletin, service=CodeService.CDAP), AGENT)
    assert await over.code(ask(ConfirmCondition), AGENT) == "bulletin_absent"
