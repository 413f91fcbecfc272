"""A suspended service goes on: its reason goes with the suspension."""

from services.habilitation.domain.convention import Convention
from services.habilitation.domain.mention import Mention
from shared.contracts.conventions import CodeService, EtatService
from shared.contracts.habilitation_commands import ResumeService, SuspendService
from tests.habilitation.builders import AGENT, CONVENTION, NOW, SIGNED, Scene, cdap, convention
from tests.habilitation.signing import ask, names


async def test_it_goes_on() -> None:
    since = Mention(at=SIGNED, par="autre")
    suspended = cdap(etat=EtatService.SUSPENDU, motif="Plan de contrôle", suspension=since)
    scene = Scene(convention(services=(suspended,)))
    (told,) = await scene.facts(ask(ResumeService), AGENT)
    assert (*names([told]), told.service) == ("service_resumed", "cdap")
    resumed = scene.get(Convention, CONVENTION).service(CodeService.CDAP)
    assert resumed == cdap(reprise=Mention(at=NOW, par=AGENT.id))
    dated = told.services[0]
    assert (dated.suspension, dated.reprise.at, dated.reprise.par) == (None, NOW, AGENT.id)


async def test_suspended_again_it_has_not_been_resumed_since() -> None:
    scene = Scene(convention(services=(cdap(reprise=Mention(at=SIGNED, par="autre")),)))
    await scene.ask(ask(SuspendService), AGENT)
    suspended = scene.get(Convention, CONVENTION).service(CodeService.CDAP)
    assert suspended is not None
    assert (suspended.suspension, suspended.reprise) == (Mention(at=NOW, par=AGENT.id), None)


async def test_only_a_suspended_one() -> None:
    assert await Scene().code(ask(ResumeService), AGENT) == "etat_contraire"
    never = ask(ResumeService, service=CodeService.DGFIP)
    assert await Scene().code(never, AGENT) == "bulletin_absent"
