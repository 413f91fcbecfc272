"""The first Caf agent is made once, by the platform's operator."""

from typing import Any

import pytest

from services.identity.domain.compte import AdresseReservee
from services.identity.domain.errors import AgentExists, MailInvalid, MailUnavailable, NotPermitted
from services.identity.handlers.bootstrap_agent import Amorce, BootstrapAgent
from shared.calendrier import day_of
from shared.contracts.comptes import EtatCompte, Fonction, GenreCompte
from shared.errors import Outdated
from shared.security.principal import Principal
from tests.identity.builders import (
    AGENT,
    CAF,
    DAY,
    ITSELF,
    NOW,
    PARTNER,
    Scene,
    agent,
    compte,
    facts,
    written,
)


def asked(user_id: str = "a1", mail: str = "luc@caf.example", caf: str = CAF) -> BootstrapAgent:
    return BootstrapAgent(user_id, caf, "Martin", "Luc", mail)


async def test_first_agent_belongs_to_no_convention() -> None:
    scene = Scene()
    decision = await scene.ask(scene.use_cases.bootstrap_agent, asked(), principal=ITSELF)
    agent = scene.compte("a1")
    assert (agent.genre, agent.convention_id) == (GenreCompte.AGENT_CAF, None)
    assert (agent.caf, agent.fonctions) == (CAF, tuple(Fonction))
    assert written(decision, Amorce)[0].user_id == "a1"
    assert len(facts(decision)) == 3
    assert facts(decision)[0].genre == "agent_caf"


async def test_second_first_agent_is_refused() -> None:
    scene = Scene()
    use_case = scene.use_cases.bootstrap_agent
    await scene.ask(use_case, asked(), principal=ITSELF)
    with pytest.raises(AgentExists):
        await scene.ask(use_case, asked("a2", "other@caf.example"), principal=ITSELF)


@pytest.mark.parametrize(
    "gone",
    [
        {"cloture": day_of(NOW), "etat": EtatCompte.CLOTURE},
        {"cloture": day_of(NOW)},
        {"fonctions": (Fonction.ACTION_SOCIALE,)},
    ],
)
async def test_caf_that_nobody_is_left_to_make_accounts_for_gets_another(
    gone: dict[str, Any],
) -> None:
    scene = Scene(Amorce(id=CAF, user_id=AGENT.id), agent(**gone), compte("u9"))
    use_case = scene.use_cases.bootstrap_agent
    requests = [
        await scene.prepared(use_case, asked(f"a{n}", f"a{n}@caf.example"), principal=ITSELF)
        for n in (1, 2)
    ]
    assert written(scene.decide(use_case, requests[0])[0], Amorce)[0].user_id == "a1"
    with pytest.raises(Outdated):  # prepared before the other was made
        scene.decide(use_case, requests[1])


async def test_agent_yet_to_come_is_one() -> None:
    waiting = agent(ouverture=day_of(NOW + DAY), etat=EtatCompte.A_OUVRIR)
    scene = Scene(Amorce(id=CAF, user_id="a0"), waiting)
    with pytest.raises(AgentExists):
        await scene.ask(scene.use_cases.bootstrap_agent, asked(), principal=ITSELF)


async def test_every_caf_has_its_first_agent() -> None:
    scene = Scene()
    use_case = scene.use_cases.bootstrap_agent
    await scene.ask(use_case, asked(), principal=ITSELF)
    await scene.ask(use_case, asked("a2", "other@caf.example", "831"), principal=ITSELF)
    assert scene.compte("a2").caf == "831"


async def test_two_at_once_make_one_agent() -> None:
    scene = Scene()
    use_case = scene.use_cases.bootstrap_agent
    requests = [
        await scene.prepared(use_case, asked(f"a{n}", f"a{n}@caf.example"), principal=ITSELF)
        for n in (1, 2)
    ]
    with pytest.raises(Outdated):
        scene.decide(use_case, *requests)
    scene.decide(use_case, requests[0])
    with pytest.raises(AgentExists):
        await scene.ask(use_case, asked("a2", "a2@caf.example"), principal=ITSELF)


@pytest.mark.parametrize("principal", [AGENT, PARTNER])
async def test_no_person_makes_the_first_agent(principal: Principal) -> None:
    scene = Scene()
    with pytest.raises(NotPermitted):
        await scene.ask(scene.use_cases.bootstrap_agent, asked(), principal=principal)


async def test_his_address_is_read_as_everybodys() -> None:
    scene = Scene(AdresseReservee(id="luc@caf.example", user_id="u9"))
    use_case = scene.use_cases.bootstrap_agent
    with pytest.raises(MailInvalid):
        await scene.ask(use_case, asked(mail="luc"), principal=ITSELF)
    with pytest.raises(MailUnavailable):
        await scene.ask(use_case, asked(mail="Luc@Caf.example"), principal=ITSELF)
