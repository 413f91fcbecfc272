"""An agent makes the internal accounts of his Caf."""

from datetime import timedelta
from typing import Any

import pytest

from services.identity.domain.errors import (
    CafUnknown,
    MailOfService,
    NotPermitted,
)
from shared.calendrier import day_of
from shared.contracts.comptes import EtatCompte, Fonction, GenreCompte
from shared.contracts.identity_commands import CreateAgent
from shared.errors import Refusal
from shared.security.principal import Principal
from tests.identity.builders import (
    AGENT,
    CAF,
    ITSELF,
    NOW,
    PARTNER,
    Scene,
    agent,
    compte,
    facts,
)


def asked(**own: Any) -> CreateAgent:
    values: dict[str, Any] = {
        "user_id": "a2",
        "caf": CAF,
        "fonctions": (Fonction.ACTION_SOCIALE,),
        "nom": "Petit",
        "prenom": "Anne",
        "mail": "anne.petit@caf.example",
    }
    return CreateAgent(**(values | own))


async def test_internal_account_has_its_caf_and_its_functions() -> None:
    scene = Scene()
    functions = (Fonction.SUPERVISION_DGFIP, Fonction.HABILITATIONS, Fonction.HABILITATIONS)
    decision = await scene.ask(scene.use_cases.create_agent, asked(fonctions=functions))
    made = scene.compte("a2")
    assert (made.genre, made.caf, made.convention_id) == (GenreCompte.AGENT_CAF, CAF, None)
    assert made.fonctions == (Fonction.HABILITATIONS, Fonction.SUPERVISION_DGFIP)
    assert made.created_by == AGENT.id
    created = facts(decision)[0]
    assert (created.caf, created.fonctions) == (CAF, ("habilitations", "supervision_dgfip"))
    assert len(facts(decision)) == 3


async def test_internal_account_may_open_later() -> None:
    scene = Scene()
    opens = day_of(NOW) + timedelta(days=2)
    decision = await scene.ask(scene.use_cases.create_agent, asked(ouverture=opens))
    assert len(facts(decision)) == 1
    assert scene.compte("a2").etat is EtatCompte.A_OUVRIR


@pytest.mark.parametrize(
    ("own", "principal", "refusal"),
    [
        ({"caf": "831"}, AGENT, CafUnknown),
        ({}, PARTNER, NotPermitted),
        ({}, ITSELF, NotPermitted),
        ({"mail": "accueil@caf.example"}, AGENT, MailOfService),
    ],
)
async def test_what_is_refused_costs_no_hash(
    own: dict[str, Any], principal: Principal, refusal: type[Refusal]
) -> None:
    scene = Scene(compte())
    with pytest.raises(refusal):
        await scene.ask(scene.use_cases.create_agent, asked(**own), principal=principal)
    assert scene.hasher.hashed == []


async def test_agent_of_other_functions_makes_nobody() -> None:
    scene = Scene(agent(fonctions=(Fonction.ACTION_SOCIALE,)))
    with pytest.raises(NotPermitted):
        await scene.ask(scene.use_cases.create_agent, asked())
