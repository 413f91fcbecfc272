"""OpenGroupe: who may, under what code, with which responsable, from when on."""

from typing import Any

import pytest

from services.habilitation.domain.errors_groupes import CodeTaken
from services.habilitation.domain.groupe import CodeReserve, Groupe
from shared.contracts.habilitation import GroupeOpened
from shared.contracts.habilitation_commands import OpenGroupe
from shared.contracts.habilitation_demandes import AccountRequested
from tests.habilitation.builders import (
    ADMIN,
    AGENT,
    CAF,
    CONVENTION,
    OTHER_AGENT,
    OTHER_CONVENTION,
    RESPONSABLE,
    SIMPLE,
    THEIR_ADMIN,
    TODAY,
    Scene,
    convention,
    days,
    groupe,
    kept,
    nouvelle,
    personne,
)


def opening(**own: Any) -> OpenGroupe:
    values: dict[str, Any] = {
        "convention_id": CONVENTION,
        "groupe_id": "g3",
        "code": "T2PE",
        "libelle": "T2 Petite enfance",
        "responsable_id": "simple",
    }
    return OpenGroupe(**(values | own))


async def test_a_group_opens_today_at_the_top_unless_said_otherwise():
    scene = Scene()
    (told,) = await scene.facts(opening())
    assert isinstance(told, GroupeOpened)
    assert (told.code, told.libelle, told.responsable_id) == (
        "T2PE",
        "T2 Petite enfance",
        "simple",
    )
    assert (told.ouverture, told.cloture, told.niveau, told.role) == (TODAY, None, 1, None)
    kept_ = scene.get(Groupe, "g3")
    assert kept_.ouverture_dite
    assert scene.get(CodeReserve, f"{CONVENTION}/T2PE").groupe_id == "g3"


async def test_a_group_may_open_later_and_close_on_a_day():
    scene = Scene()
    decision = await scene.ask(opening(ouverture=days(10), cloture=days(20)))
    opened = scene.get(Groupe, "g3")
    assert (opened.ouverture, opened.cloture) == (days(10), days(20))
    assert not opened.ouverture_dite
    assert decision.result == {"groupe_id": "g3"}


async def test_under_another_group_it_is_one_level_lower():
    scene = Scene(groupe("g1", niveau=3))
    (told,) = await scene.facts(opening(parent_id="g1"), RESPONSABLE)
    assert (told.parent_id, told.niveau) == ("g1", 4)
    assert scene.get(Groupe, "g1").sous_groupes == 1


async def test_a_responsable_without_an_account_gets_one():
    scene = Scene()
    personne_ = nouvelle()
    opened, asked = await scene.facts(opening(responsable_id="new", responsable=personne_))
    assert isinstance(asked, AccountRequested)
    assert opened.responsable_id == asked.user_id == "new"
    assert (asked.personne, asked.titre, asked.asked_by) == (personne_, "responsable", ADMIN.id)
    assert asked.caf == CAF


async def test_an_administrateur_may_be_responsable():
    (told,) = await Scene().facts(opening(responsable_id="admin"))
    assert told.responsable_id == "admin"


@pytest.mark.parametrize(
    ("own", "code", "field"),
    [
        ({"groupe_id": "g1"}, "groupe_deja_ouvert", "groupe_id"),
        ({"groupe_id": "g9"}, "groupe_deja_ouvert", "groupe_id"),
        ({"libelle": " "}, "libelle_invalide", "libelle"),
        ({"libelle": "T2\nPetite enfance"}, "libelle_invalide", "libelle"),
        ({"libelle": "T2\u2028Petite enfance"}, "libelle_invalide", "libelle"),
        ({"code": "G1"}, "code_deja_utilise", "code"),
        ({"code": "g1"}, "code_deja_utilise", "code"),
        ({"code": "AFAS-HABILITER"}, "code_reserve", "code"),
        ({"code": "afas-declarer"}, "code_reserve", "code"),
        ({"ouverture": days(-1)}, "ouverture_passee", "ouverture"),
        ({"cloture": TODAY}, "cloture_avant_ouverture", "cloture"),
        ({"ouverture": days(5), "cloture": days(5)}, "cloture_avant_ouverture", "cloture"),
        ({"responsable_id": "nobody"}, "compte_inconnu", "responsable_id"),
        ({"responsable_id": "leur-simple"}, "compte_inconnu", "responsable_id"),
        ({"responsable_id": "agent"}, "compte_inconnu", "responsable_id"),
        ({"responsable_id": "closed"}, "compte_non_ouvert", "responsable_id"),
        ({"responsable_id": "later"}, "compte_non_ouvert", "responsable_id"),
        ({"responsable": nouvelle()}, "compte_existant", "responsable_id"),
        ({"parent_id": "nothing"}, "groupe_inconnu", "parent_id"),
        ({"parent_id": "g9"}, "groupe_inconnu", "parent_id"),
        ({"parent_id": "over"}, "groupe_cloture", "parent_id"),
        ({"parent_id": "gone"}, "groupe_inconnu", "parent_id"),
        ({"parent_id": "declarer"}, "non_permis", None),
        ({"parent_id": "habiliter"}, "non_permis", None),
    ],
)
async def test_what_is_refused(own, code, field):
    scene = Scene(
        personne("closed", cloture=TODAY),
        personne("later", ouverture=days(1)),
        groupe("over", cloture=TODAY),
        groupe("gone", supprime=True),
    )
    refusal = await scene.refusal(opening(**own))
    assert refusal is not None
    assert (refusal.code, refusal.field) == (code, field)


@pytest.mark.parametrize(
    ("by", "own", "code"),
    [
        (AGENT, {}, "non_permis"),
        (AGENT, {"parent_id": "declarer"}, "non_permis"),
        (OTHER_AGENT, {}, "convention_inconnue"),
        (RESPONSABLE, {}, "non_permis"),
        (RESPONSABLE, {"parent_id": "g2"}, "groupe_inconnu"),
        (SIMPLE, {}, "non_permis"),
        (SIMPLE, {"parent_id": "g1"}, "groupe_inconnu"),
        (THEIR_ADMIN, {}, "convention_inconnue"),
        (THEIR_ADMIN, {"parent_id": "g1"}, "convention_inconnue"),
        (ADMIN, {"convention_id": OTHER_CONVENTION}, "convention_inconnue"),
        (ADMIN, {"convention_id": "99_9"}, "convention_inconnue"),
    ],
)
async def test_who_may_not(by, own, code):
    assert await Scene().code(opening(**own), by) == code


async def test_where_the_caf_keeps_the_management_it_makes_the_groups():
    scene = Scene(kept())
    assert await scene.code(opening()) == "gestion_non_deleguee"
    assert await scene.code(opening(), AGENT) is None


@pytest.mark.parametrize("own", [{"cloture": TODAY}, {"etat": "suspendue"}])
async def test_nothing_is_made_in_a_convention_that_is_not_open(own):
    assert await Scene(convention(**own)).code(opening()) == "convention_non_ouverte"


async def test_two_in_one_group_of_commands_do_not_share_a_code():
    scene = Scene()
    first = await scene.prepared(opening())
    second = await scene.prepared(opening(groupe_id="g4"))
    with pytest.raises(CodeTaken):
        scene.decide(first, second)
