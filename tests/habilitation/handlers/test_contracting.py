"""Only the Caf pivot's agent signs: everybody else is told no, or that there is nothing."""

import pytest

from services.habilitation.use_cases import CONTRACT
from shared.contracts import habilitation_commands as commands
from shared.contracts.conventions import CodeService, EtatConvention
from shared.contracts.habilitation_commands import (
    ApplyConventionDates,
    ConventionCommand,
    RegisterConvention,
)
from shared.security.principal import Principal
from tests.habilitation.builders import (
    ADMIN,
    AGENT,
    AUDITOR,
    HABILITEUR,
    ITSELF,
    NOW,
    OTHER_AGENT,
    OTHER_CONVENTION,
    RESPONSABLE,
    SIMPLE,
    THEIR_ADMIN,
    Scene,
    agent,
    convention,
    partner,
    personne,
)
from tests.habilitation.signing import ASKED, ask, names, register

each_command = pytest.mark.parametrize("kind", ASKED, ids=lambda kind: kind.__name__)

REFUSED = {
    "agent of the Caf without the function": (AUDITOR, "non_permis"),
    "agent of another Caf": (OTHER_AGENT, "convention_inconnue"),
    "administrateur": (ADMIN, "non_permis"),
    "responsable": (RESPONSABLE, "non_permis"),
    "member of AFAS-HABILITER": (HABILITEUR, "non_permis"),
    "user": (SIMPLE, "non_permis"),
    "administrateur of others": (THEIR_ADMIN, "convention_inconnue"),
    "unknown person": (partner("nobody"), "non_permis"),
    "the service itself": (ITSELF, "non_permis"),
}


@each_command
@pytest.mark.parametrize(("by", "code"), REFUSED.values(), ids=REFUSED)
async def test_nobody_else_signs(kind: type[ConventionCommand], by: Principal, code: str) -> None:
    assert await Scene().code(ask(kind), by) == code


@each_command
async def test_agent_of_another_caf_learns_nothing(kind: type[ConventionCommand]) -> None:
    there = await Scene().refusal(ask(kind), OTHER_AGENT)
    nowhere = await Scene().refusal(ask(kind, convention_id="99_9"), OTHER_AGENT)
    assert there is not None
    assert nowhere is not None
    assert (there.code, there.said, there.field) == (nowhere.code, nowhere.said, nowhere.field)
    assert await Scene().code(ask(kind, convention_id=OTHER_CONVENTION), AGENT) == there.code


@each_command
async def test_agent_whose_account_is_closed_signs_nothing(kind: type[ConventionCommand]) -> None:
    gone = agent(cloture=NOW.date())
    assert await Scene(gone).code(ask(kind), AGENT) == "non_permis"


@each_command
async def test_nothing_changes_in_a_closed_convention(kind: type[ConventionCommand]) -> None:
    told = convention(etat=EtatConvention.CLOTUREE, cloture=NOW.date())
    by_the_calendar = convention(cloture=NOW.date())
    for closed in (told, by_the_calendar):
        assert await Scene(closed).code(ask(kind), AGENT) == "convention_cloturee"


@pytest.mark.parametrize("by", [AUDITOR, ADMIN, SIMPLE, ITSELF], ids=lambda by: by.id)
async def test_only_an_agent_registers(by: Principal) -> None:
    assert await Scene().code(register(), by) == "non_permis"


def test_every_command_of_the_contract_side_is_tried_here() -> None:
    decided = {each.message for each in CONTRACT}
    assert decided == {*ASKED, RegisterConvention, ApplyConventionDates}


async def test_a_whole_contract_is_signed_in_one_group_of_messages() -> None:
    """Each command sees what those before it wrote, nothing of which was there beforehand."""
    scene = Scene(personne("nouveau", convention_id="25_3"))
    own = {"convention_id": "25_3"}
    asked = [
        register(),
        ask(commands.PresentConvention, **own),
        ask(commands.ValidateConvention, **own),
        ask(commands.SignContrat, **own),
        ask(commands.DesignateAdministrateur, user_id="nouveau", **own),
        ask(commands.SignBulletin, service=CodeService.AFAS, responsable_id="nouveau", **own),
        ask(commands.RecordEligibilite, service=CodeService.AFAS, **own),
        ask(commands.RelieveAdministrateur, user_id="nouveau", **own),
        ask(commands.CloseConvention, **own),
        register(convention_id="25_4"),
    ]
    decisions = scene.decide(*[await scene.prepared(each, AGENT) for each in asked])
    told = [told.fact for each in decisions for told in each.facts]
    assert names(told) == [
        "convention_registered",
        "convention_presented",
        "convention_opened",
        "convention_updated",
        "administrateur_designated",
        "service_opened",
        "groupe_opened",
        "groupe_opened",
        "appartenance_added",
        "service_updated",
        "administrateur_relieved",
        "appartenance_ended",
        "convention_closed",
        "convention_registered",
    ]
