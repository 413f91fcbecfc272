"""A suspended service goes on: its reason goes with the suspension."""

from services.habilitation.domain.convention import Convention
from shared.contracts.conventions import CodeService, EtatService
from shared.contracts.habilitation_commands import ResumeService
from tests.habilitation.builders import AGENT, CONVENTION, Scene, cdap, convention
from tests.habilitation.signing import ask, names


async def test_it_goes_on() -> None:
    suspended = cdap(etat=EtatService.SUSPENDU, motif="Plan de contrôle")
    scene = Scene(convention(services=(suspended,)))
    (told,) = await scene.facts(ask(ResumeService), AGENT)
    assert (*names([told]), told.service) == ("service_resumed", "cdap")
    resumed = scene.get(Convention, CONVENTION).service(CodeService.CDAP)
    assert resumed == suspended.model_copy(update={"etat": EtatService.SIGNE, "motif": None})


async def test_only_a_suspended_one() -> None:
    assert await Scene().code(ask(ResumeService), AGENT) == "etat_contraire"
    never = ask(ResumeService, service=CodeService.DGFIP)
    assert await Scene().code(never, AGENT) == "bulletin_absent"
