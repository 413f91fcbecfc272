"""ReopenGroupe: the closing date is taken away; members have the role again, if they may."""

from typing import Any

import pytest

from services.habilitation.domain.groupe import Groupe
from shared.contracts.habilitation import GroupeReopened, GroupeUpdated
from shared.contracts.habilitation_commands import ReopenGroupe
from shared.errors import Outdated
from tests.habilitation.builders import (
    ADMIN,
    AGENT,
    CONVENTION,
    RESPONSABLE,
    SUPPLEANT,
    TODAY,
    Scene,
    days,
    groupe,
    membre,
    personne,
    role,
)


def reopening(groupe_id: str = "over") -> ReopenGroupe:
    return ReopenGroupe(convention_id=CONVENTION, groupe_id=groupe_id)


def closed(**own: Any) -> Groupe:
    values: dict[str, Any] = {"cloture": TODAY, "cloture_dite": True, "role": role("T2")}
    return groupe("over", **(values | own))


async def test_a_closed_group_opens_again():
    scene = Scene(closed())
    (told,) = await scene.facts(reopening())
    assert isinstance(told, GroupeReopened)
    assert told.cloture is None
    assert not scene.get(Groupe, "over").cloture_dite


@pytest.mark.parametrize(("ouverture", "is_told"), [(days(5), False), (TODAY, True)])
async def test_what_was_closed_before_it_opened_opens_on_its_day(ouverture, is_told):
    scene = Scene(closed(ouverture=ouverture))
    (told,) = await scene.facts(reopening())
    assert isinstance(told, GroupeReopened)
    assert scene.get(Groupe, "over").ouverture_dite is is_told


async def test_a_closing_to_come_is_taken_back():
    scene = Scene(closed(cloture=days(5), cloture_dite=False))
    (told,) = await scene.facts(reopening())
    assert isinstance(told, GroupeUpdated)
    assert told.cloture is None


@pytest.mark.parametrize(
    ("groupe_id", "code"),
    [
        ("g1", "etat_contraire"),
        ("gone", "groupe_inconnu"),
        ("g9", "groupe_inconnu"),
        ("declarer", "non_permis"),
    ],
)
async def test_what_is_refused(groupe_id, code):
    assert await Scene(groupe("gone", supprime=True)).code(reopening(groupe_id)) == code


@pytest.mark.parametrize("by", [RESPONSABLE, AGENT])
async def test_who_may_not(by):
    expected = {RESPONSABLE: "groupe_inconnu", AGENT: "non_permis"}
    assert await Scene(closed()).code(reopening(), by) == expected[by]


async def test_not_before_its_responsable_is_there_or_replaced():
    scene = Scene(closed(responsable_id="left"), personne("left", cloture=TODAY))
    refusal = await scene.refusal(reopening())
    assert refusal is not None
    assert (refusal.code, refusal.field) == ("compte_non_ouvert", "responsable_id")


async def test_not_into_a_second_profile_of_a_member():
    scene = Scene(closed(adhesions=1), membre("simple", "over", "g1"))
    refusal = await scene.refusal(reopening())
    assert refusal is not None
    assert (
        refusal.said
        == "Un membre de ce groupe a déjà le profil T1 par le groupe « T1 Assistants sociaux »."
    )
    scene.put(closed(adhesions=1, role=role("T1")))
    assert await scene.code(reopening()) is None


async def test_nobody_reopens_a_group_for_himself():
    scene = Scene(closed(adhesions=1), membre("admin", "over"))
    assert await scene.code(reopening(), ADMIN) == "pas_pour_soi"
    assert await scene.code(reopening(), SUPPLEANT) is None


async def test_somebody_who_joined_since_is_seen():
    """Who joined after the members were read: the command is prepared again."""
    scene = Scene(closed())
    request = await scene.prepared(reopening())
    scene.put(closed(adhesions=1), membre("simple", "over", "g1"))
    with pytest.raises(Outdated):
        scene.decide(request)
    assert await scene.code(reopening()) == "autre_profil"
