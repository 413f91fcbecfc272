"""An agent changes what is known of a person; what is left out stays."""

from typing import Any

import pytest

from services.identity.domain.errors import NomInvalid, NotPermitted, PrenomInvalid, UserUnknown
from shared.contracts.comptes import Poste
from shared.contracts.identity import ModifyUser
from shared.errors import Refusal
from shared.security.principal import Principal
from tests.identity.builders import AGENT, ITSELF, NOW, PARTNER, Scene, compte, facts, temporary


def modify(**changes: Any) -> ModifyUser:
    return ModifyUser(user_id="u1", **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"nom": "Durand"},
        {"prenom": "Zoë"},
        {"telephone": "+33 6 00 00 00 00"},
        {"poste": Poste.ITINERANT},
        {"nom": "Durand", "poste": Poste.ITINERANT},
        {},
    ],
)
async def test_what_is_left_out_stays(changes: dict[str, Any]) -> None:
    before = compte(provisoire=temporary())
    scene = Scene(before)
    decision = await scene.ask(scene.use_cases.modify_user, modify(**changes))
    assert scene.compte() == before.changed(**changes)
    (fact,) = facts(decision)
    assert (fact.updated_by, fact.at) == (AGENT.id, NOW)
    assert {name: getattr(fact, name) for name in changes} == changes
    assert fact.mail == before.mail
    assert decision.result == {"user_id": "u1"}


async def test_second_of_a_group_keeps_what_the_first_changed() -> None:
    scene = Scene(compte())
    use_case = scene.use_cases.modify_user
    requests = [
        await scene.prepared(use_case, modify(nom=" Durand ")),
        await scene.prepared(use_case, modify(prenom="Zoë")),
    ]
    _, second = scene.decide(use_case, *requests)
    (fact,) = facts(second)
    assert (fact.nom, fact.prenom) == ("Durand", "Zoë")


@pytest.mark.parametrize("principal", [PARTNER, ITSELF])
async def test_only_an_agent_modifies(principal: Principal) -> None:
    scene = Scene(compte())
    with pytest.raises(NotPermitted):
        await scene.ask(scene.use_cases.modify_user, modify(nom="Durand"), principal=principal)


@pytest.mark.parametrize(
    ("changes", "refusal"), [({"nom": "a\nb"}, NomInvalid), ({"prenom": "=?x"}, PrenomInvalid)]
)
async def test_name_that_forges_a_mail_is_refused(
    changes: dict[str, str], refusal: type[Refusal]
) -> None:
    scene = Scene(compte())
    with pytest.raises(refusal):
        await scene.ask(scene.use_cases.modify_user, modify(**changes))


async def test_unknown_account_is_refused() -> None:
    scene = Scene()
    with pytest.raises(UserUnknown):
        await scene.ask(scene.use_cases.modify_user, modify(nom="Durand"))
