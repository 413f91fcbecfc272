"""One service of a convention is suspended, with its reason; the others go on."""

from services.habilitation.domain.convention import Convention
from services.habilitation.domain.mention import Mention
from shared.contracts.conventions import CodeService, EtatService
from shared.contracts.habilitation_commands import SuspendService, TerminateBulletin
from tests.habilitation.builders import AGENT, CONVENTION, NOW, TODAY, Scene
from tests.habilitation.signing import ask, names


async def test_it_stops_and_says_why() -> None:
    scene = Scene()
    (told,) = await scene.facts(ask(SuspendService, motif=" Plan de contrôle "), AGENT)
    assert (*names([told]), told.service) == ("service_suspended", "cdap")
    stored = scene.get(Convention, CONVENTION)
    suspended = stored.service(CodeService.CDAP)
    assert suspended is not None
    assert (suspended.etat, suspended.motif) == (EtatService.SUSPENDU, "Plan de contrôle")
    assert [each.is_open for each in stored.services] == [False, True, True]
    assert stored.is_open(TODAY)
    assert told.motif is None
    assert suspended.suspension == Mention(at=NOW, par=AGENT.id)
    dated = told.services[0].suspension
    assert (dated.at, dated.par, told.suspension) == (NOW, AGENT.id, None)


async def test_only_once_with_a_reason_and_a_bulletin() -> None:
    scene = Scene()
    assert await scene.code(ask(SuspendService, motif=" "), AGENT) == "motif_absent"
    never = ask(SuspendService, service=CodeService.DGFIP)
    assert await scene.code(never, AGENT) == "bulletin_absent"
    await scene.ask(ask(SuspendService), AGENT)
    assert await scene.code(ask(SuspendService), AGENT) == "etat_contraire"
    await scene.ask(ask(TerminateBulletin, service=CodeService.CDAP), AGENT)
    assert await scene.code(ask(SuspendService), AGENT) == "bulletin_absent"
