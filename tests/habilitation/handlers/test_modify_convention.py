"""An avenant: what is left out stays; another siège may mean another Caf pivot."""

from typing import Any

from services.habilitation.domain.convention import Convention
from shared.contracts.conventions import EtatConvention
from shared.contracts.habilitation_commands import ModifyConvention
from tests.habilitation.builders import AGENT, CONVENTION, TODAY, Scene, agent, convention, days
from tests.habilitation.signing import ask, names, young


def modify(**own: Any) -> ModifyConvention:
    return ModifyConvention(convention_id=CONVENTION, **own)


async def test_what_is_named_changes_the_rest_stays() -> None:
    scene = Scene()
    before = scene.get(Convention, CONVENTION)
    (told,) = await scene.facts(ask(ModifyConvention), AGENT)
    assert names([told]) == ["convention_updated"]
    assert told.organisme == "Ville de Valfleury"
    after = before.changed(organisme="Ville de Valfleury")
    assert scene.get(Convention, CONVENTION) == after


async def test_an_avenant_that_changes_nothing_tells_nothing() -> None:
    assert await Scene().facts(modify(organisme="Mairie de Valfleury"), AGENT) == []
    assert await Scene().facts(modify(), AGENT) == []


async def test_another_siege_is_another_caf_which_alone_sees_it_from_then_on() -> None:
    scene = Scene()
    (told,) = await scene.facts(modify(departements=("83",)), AGENT)
    assert told.caf == "831"
    assert await scene.code(ask(ModifyConvention), AGENT) == "convention_inconnue"


async def test_one_of_two_caf_is_chosen() -> None:
    scene = Scene(convention(departements=("64",), caf="641"), agent(caf="641"))
    assert await scene.code(modify(departements=("64",)), AGENT) == "caf_a_choisir"
    (told,) = await scene.facts(modify(caf="642"), AGENT)
    assert told.caf == "642"


async def test_what_is_wrong_is_refused() -> None:
    refused: dict[str, dict[str, Any]] = {
        "organisme_absent": {"organisme": " "},
        "organisme_invalide": {"organisme": "Mairie\nde Valfleury"},
        "type_inconnu": {"type_organisme": "inconnu"},
        "departement_inconnu": {"departements": ("98",)},
        "caf_invalide": {"caf": "831"},
        "deja_ouverte": {"ouverture": days(1)},
        "cloture_passee": {"cloture": days(-1)},
        "cloture_contradictoire": {"cloture": days(9), "sans_cloture": True},
    }
    for code, own in refused.items():
        assert await Scene().code(modify(**own), AGENT) == code
    early = Scene(young(ouverture=days(3)))
    assert await early.code(modify(cloture=days(3)), AGENT) == "cloture_avant_ouverture"


async def test_a_closing_day_to_come_is_put_off_or_taken_away() -> None:
    scene = Scene(convention(cloture=days(3)))
    (told,) = await scene.facts(modify(cloture=days(9)), AGENT)
    assert told.cloture == days(9)
    (told,) = await scene.facts(modify(sans_cloture=True), AGENT)
    assert told.cloture is None
    assert await scene.facts(modify(sans_cloture=True), AGENT) == []
    over = Scene(convention(cloture=TODAY))
    assert await over.code(modify(sans_cloture=True), AGENT) == "convention_cloturee"


async def test_the_opening_day_moves_until_it_has_come() -> None:
    scene = Scene(young(EtatConvention.A_SIGNER, ouverture=days(3), validee=True))
    (told,) = await scene.facts(modify(ouverture=days(9)), AGENT)
    assert (told.ouverture, told.etat) == (days(9), EtatConvention.A_SIGNER)
    (told,) = await scene.facts(modify(ouverture=TODAY), AGENT)
    assert told.etat == EtatConvention.OUVERTE
    assert await scene.code(modify(ouverture=days(9)), AGENT) == "deja_ouverte"
