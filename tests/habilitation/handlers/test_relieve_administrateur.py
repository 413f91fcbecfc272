"""Somebody is administrateur no longer: he leaves AFAS-HABILITER too."""

import pytest

from services.habilitation.domain.convention import Convention
from services.habilitation.domain.membre import Membre
from shared.contracts.conventions import EtatConvention
from shared.contracts.habilitation_commands import DesignateAdministrateur, RelieveAdministrateur
from tests.habilitation.builders import AGENT, CONVENTION, TODAY, Scene, convention, membre
from tests.habilitation.signing import ask, names


async def test_relieved_he_keeps_his_other_groups_only() -> None:
    scene = Scene(membre("admin", "g1", "habiliter"))
    told = await scene.facts(ask(RelieveAdministrateur), AGENT)
    assert names(told) == ["administrateur_relieved", "appartenance_ended"]
    assert (told[0].user_id, told[0].administrateurs) == ("admin", ("suppleant",))
    assert (told[1].groupe_id, told[1].passees[0].fin_par) == ("habiliter", AGENT.id)
    assert not scene.get(Convention, CONVENTION).is_administrateur("admin")
    assert scene.get(Membre, "admin").groupes(TODAY) == ("g1",)


async def test_his_rang_is_free_for_another() -> None:
    scene = Scene()
    assert names(await scene.facts(ask(RelieveAdministrateur), AGENT)) == [
        "administrateur_relieved"
    ]
    assert await scene.code(ask(DesignateAdministrateur), AGENT) is None


@pytest.mark.parametrize("user_id", ["simple", "leur-admin", "personne"])
async def test_who_is_none_is_not_relieved(user_id: str) -> None:
    asked = ask(RelieveAdministrateur, user_id=user_id)
    assert await Scene().code(asked, AGENT) == "pas_administrateur"


async def test_also_while_the_convention_is_suspended() -> None:
    scene = Scene(convention(etat=EtatConvention.SUSPENDUE))
    assert await scene.code(ask(RelieveAdministrateur), AGENT) is None
