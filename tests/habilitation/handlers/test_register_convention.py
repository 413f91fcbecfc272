"""An organisme and its one convention are registered by the Caf of its siège [seed 003]."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.habilitation.domain.convention import Convention, SiretReserve
from services.habilitation.domain.errors_contrat import SiretTaken
from shared.contracts.conventions import EtatConvention
from tests.habilitation.builders import (
    AGENT,
    CONVENTION,
    NOW,
    OTHER_AGENT,
    TODAY,
    Scene,
    agent,
    convention,
    days,
)
from tests.habilitation.signing import OURS, SIRET, names, register

YVELINES = agent("agent-78", caf="781")


async def test_a_draft_is_told_and_its_siret_reserved() -> None:
    scene = Scene()
    decision = await scene.ask(register(), AGENT)
    told = decision.facts[0].fact
    assert names([told]) == ["convention_registered"]
    assert told.model_dump(exclude_none=True) == {
        "convention_id": "25_3",
        "siret": SIRET,
        "organisme": "Mairie d’Orval",
        "type_organisme": "commune",
        "departements": ("93",),
        "caf": "931",
        "gestion_deleguee": False,
        "etat": EtatConvention.BROUILLON,
        "administrateurs": (),
        "ouverture": TODAY,
        "validee": False,
        "services": (),
        "at": NOW,
    }
    assert decision.result == {"convention_id": "25_3"}
    assert scene.get(Convention, "25_3").departements == ("93",)
    assert scene.get(SiretReserve, SIRET).convention_id == "25_3"


async def test_a_siret_has_a_key() -> None:
    refusal = await Scene().refusal(register(siret="21930001400018"), AGENT)
    assert refusal is not None
    assert (refusal.code, refusal.field, refusal.status) == ("siret_invalide", "siret", 422)


async def test_one_convention_per_organisme() -> None:
    scene = Scene(OURS)
    assert await scene.code(register(siret=OURS.id), AGENT) == "siret_pris"


async def test_another_may_follow_one_that_is_closed_even_if_nobody_told_yet() -> None:
    told = convention(etat=EtatConvention.CLOTUREE, cloture=TODAY)
    for closed, kept in ((told, None), (convention(cloture=TODAY), CONVENTION)):
        scene = Scene(closed, OURS.changed(convention_id=kept))
        assert await scene.code(register(siret=OURS.id), AGENT) is None
        assert scene.get(SiretReserve, OURS.id).convention_id == "25_3"
        assert scene.get(Convention, CONVENTION) == closed


async def test_two_at_once_are_decided_one_after_the_other() -> None:
    scene = Scene()
    first = await scene.prepared(register(), AGENT)
    second = await scene.prepared(register(convention_id="25_4"), AGENT)
    with pytest.raises(SiretTaken):
        scene.decide(first, second)
    assert scene.get(SiretReserve, SIRET).convention_id == "25_3"


async def test_a_number_is_given_once_whoever_has_it() -> None:
    for number in (CONVENTION, "20_7"):
        assert await Scene().code(register(convention_id=number), AGENT) == "numero_pris"


async def test_an_organisme_has_a_name() -> None:
    assert await Scene().code(register(organisme="  "), AGENT) == "organisme_absent"


@pytest.mark.parametrize("organisme", ["Mairie\nde Valfleury", "Mairie\u202ede Valfleury"])
async def test_the_name_of_an_organisme_is_one_line(organisme: str) -> None:
    assert await Scene().code(register(organisme=organisme), AGENT) == "organisme_invalide"


async def test_only_types_of_the_registry() -> None:
    assert await Scene().code(register(type_organisme="inconnu"), AGENT) == "type_inconnu"


async def test_the_caf_is_that_of_the_siege() -> None:
    refusal = await Scene().refusal(register(), OTHER_AGENT)
    assert refusal is not None
    assert refusal.code == "caf_pivot_autre"
    assert "Seine-Saint-Denis" in refusal.said
    assert await Scene().code(register(departements=("83",)), OTHER_AGENT) is None


async def test_several_departements_are_the_yvelines_affair() -> None:
    scene = Scene(YVELINES)
    asked = register(departements=("93", "75"))
    assert await scene.code(asked, AGENT) == "caf_pivot_autre"
    by = AGENT.__class__(AGENT.kind, YVELINES.id)
    (told,) = await scene.facts(asked, by)
    assert told.caf == "781"


async def test_a_departement_must_have_a_caf_and_one_is_chosen_where_there_are_two() -> None:
    codes: dict[str, dict[str, Any]] = {
        "departement_inconnu": {"departements": ("98",)},
        "caf_a_choisir": {"departements": ("64",)},
        "caf_invalide": {"caf": "831"},
        "caf_pivot_autre": {"departements": ("64",), "caf": "642"},
    }
    for code, own in codes.items():
        assert await Scene().code(register(**own), AGENT) == code
    there = agent(caf="642")
    (told,) = await Scene(there).facts(register(departements=("64",), caf="642"), AGENT)
    assert told.caf == "642"


async def test_dates_follow_one_another() -> None:
    refused: dict[str, dict[str, Any]] = {
        "cloture_avant_ouverture": {"ouverture": days(5), "cloture": days(5)},
        "cloture_passee": {"ouverture": date(2020, 1, 1), "cloture": days(-1)},
    }
    for code, own in refused.items():
        assert await Scene().code(register(**own), AGENT) == code
    assert await Scene().code(register(ouverture=date(2020, 1, 1)), AGENT) is None
    until = TODAY + timedelta(days=400)
    (told,) = await Scene().facts(register(cloture=until), AGENT)
    assert told.cloture == until
