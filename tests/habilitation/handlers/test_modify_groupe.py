"""ModifyGroupe: libellé, opening date, responsable; each by who may, the rest stays."""

from typing import Any

import pytest

from services.habilitation.domain.errors import GroupeUnknown
from services.habilitation.domain.groupe import Groupe
from shared.contracts.habilitation import GroupeStarted, GroupeUpdated
from shared.contracts.habilitation_commands import CloseGroupe, ModifyGroupe
from shared.contracts.habilitation_demandes import AccountRequested
from tests.habilitation.builders import (
    ADMIN,
    AGENT,
    CONVENTION,
    HABILITEUR,
    OTHER_RESPONSABLE,
    RESPONSABLE,
    TODAY,
    Scene,
    appartenance,
    days,
    groupe,
    membre,
    nouvelle,
    personne,
    role,
)


def change(groupe_id: str = "g1", **own: Any) -> ModifyGroupe:
    return ModifyGroupe(convention_id=CONVENTION, groupe_id=groupe_id, **own)


def later(**own: Any) -> Groupe:
    """A group that opens in ten days."""
    values: dict[str, Any] = {"ouverture": days(10), "ouverture_dite": False}
    return groupe("later", **(values | own))


async def test_the_libelle_changes_and_the_rest_stays():
    scene = Scene()
    before = scene.get(Groupe, "g1")
    (told,) = await scene.facts(change(libelle=" T1 Travailleurs sociaux "))
    assert isinstance(told, GroupeUpdated)
    assert told.libelle == "T1 Travailleurs sociaux"
    assert scene.get(Groupe, "g1") == before.changed(libelle=told.libelle)


async def test_nothing_changed_tells_nothing():
    scene = Scene()
    assert await scene.facts(change()) == []
    assert await scene.facts(change(responsable_id="resp")) == []


async def test_another_responsable_replaces_the_old_at_once():
    scene = Scene()
    assert await scene.code(change(libelle="T1 un"), RESPONSABLE) is None
    (told,) = await scene.facts(change(responsable_id="simple"), RESPONSABLE)
    assert told.responsable_id == "simple"
    assert await scene.code(change(libelle="T1 deux"), RESPONSABLE) == "groupe_inconnu"


async def test_in_one_group_of_commands_too():
    """The second is decided on what the first left: there is no instant with two responsables."""
    scene = Scene()
    first = await scene.prepared(change(responsable_id="simple"), RESPONSABLE)
    second = await scene.prepared(change(responsable_id="membre"), RESPONSABLE)
    with pytest.raises(GroupeUnknown):
        scene.decide(first, second)
    assert scene.get(Groupe, "g1").responsable_id == "simple"


async def test_a_responsable_without_an_account_gets_one():
    updated, asked = await Scene().facts(change(responsable_id="new", responsable=nouvelle()))
    assert isinstance(asked, AccountRequested)
    assert updated.responsable_id == asked.user_id == "new"


async def test_a_closed_group_may_get_a_successor():
    scene = Scene(groupe("g1", cloture=TODAY))
    assert await scene.code(change(responsable_id="simple")) is None


@pytest.mark.parametrize(
    ("own", "code", "field"),
    [
        ({"libelle": "\t"}, "libelle_invalide", "libelle"),
        ({"responsable_id": "nobody"}, "compte_inconnu", "responsable_id"),
        ({"responsable_id": "leur-resp"}, "compte_inconnu", "responsable_id"),
        ({"responsable_id": "closed"}, "compte_non_ouvert", "responsable_id"),
        (
            {"responsable_id": "simple", "responsable": nouvelle()},
            "compte_existant",
            "responsable_id",
        ),
        ({"responsable": nouvelle()}, "responsable_absent", "responsable_id"),
        ({"ouverture": days(1)}, "ouverture_faite", "ouverture"),
        ({"groupe_id": "later", "ouverture": days(-1)}, "ouverture_passee", "ouverture"),
        ({"groupe_id": "later", "ouverture": days(30)}, "cloture_avant_ouverture", "cloture"),
        ({"groupe_id": "g9", "libelle": "T1"}, "groupe_inconnu", "groupe_id"),
        ({"groupe_id": "nothing", "libelle": "T1"}, "groupe_inconnu", "groupe_id"),
    ],
)
async def test_what_is_refused(own, code, field):
    scene = Scene(later(cloture=days(30)), personne("closed", cloture=TODAY))
    refusal = await scene.refusal(change(**own))
    assert refusal is not None
    assert (refusal.code, refusal.field) == (code, field)


async def test_an_opening_to_come_moves():
    scene = Scene(later())
    (told,) = await scene.facts(change("later", ouverture=days(20)))
    assert told.ouverture == days(20)
    updated, started = await scene.facts(change("later", ouverture=TODAY))
    assert isinstance(updated, GroupeUpdated)
    assert isinstance(started, GroupeStarted)
    assert scene.get(Groupe, "later").ouverture_dite


async def test_an_opening_does_not_come_nearer_into_another_profile():
    leaves_g1 = membre("simple", appartenance("g1", fin=days(10)), "later")
    scene = Scene(later(role=role("T2"), adhesions=1), leaves_g1)
    refusal = await scene.refusal(change("later", ouverture=days(9)))
    assert refusal is not None
    assert (refusal.code, refusal.field) == ("autre_profil", "groupe_id")
    assert await scene.code(change("later", ouverture=days(11))) is None
    assert await scene.code(change("later", ouverture=days(10))) is None


async def test_nobody_brings_his_own_right_nearer():
    scene = Scene(later(role=role("T1"), adhesions=1), membre("resp", "later"))
    assert await scene.code(change("later", ouverture=TODAY), RESPONSABLE) == "pas_pour_soi"
    assert await scene.code(change("later", ouverture=TODAY), ADMIN) is None


@pytest.mark.parametrize("afas", ["habiliter", "declarer"])
async def test_of_the_groups_of_the_caf_the_caf_names_the_responsable_only(afas):
    scene = Scene()
    assert await scene.code(change(afas, responsable_id="simple")) == "non_permis"
    assert await scene.code(change(afas, libelle="Autre")) == "non_permis"
    assert await scene.code(change(afas, libelle="Autre"), AGENT) == "non_permis"
    assert await scene.code(change(afas, responsable_id="simple"), AGENT) is None


@pytest.mark.parametrize(
    ("by", "code"),
    [
        (OTHER_RESPONSABLE, "groupe_inconnu"),
        (HABILITEUR, "groupe_inconnu"),
        (AGENT, "non_permis"),
    ],
)
async def test_who_may_not(by, code):
    assert await Scene().code(change(libelle="T1"), by) == code


async def test_the_responsable_of_a_closed_group_manages_nothing():
    scene = Scene()
    await scene.ask(CloseGroupe(convention_id=CONVENTION, groupe_id="g1"))
    assert await scene.code(change(libelle="T1"), RESPONSABLE) == "groupe_inconnu"
