"""CloseGroupe: at once or on a day; its members keep memberships that give nothing."""

from datetime import date

import pytest

from services.habilitation.domain.groupe import Groupe
from services.habilitation.domain.membre import Membre
from shared.contracts.habilitation import GroupeClosed, GroupeUpdated
from shared.contracts.habilitation_commands import CloseGroupe
from tests.habilitation.builders import (
    ADMIN,
    AGENT,
    CONVENTION,
    MEMBRE,
    RESPONSABLE,
    TODAY,
    Scene,
    appartenance,
    days,
    groupe,
    membre,
    role,
)


def closing(groupe_id: str = "g1", cloture: date | None = None) -> CloseGroupe:
    return CloseGroupe(convention_id=CONVENTION, groupe_id=groupe_id, cloture=cloture)


async def test_a_group_closes_today_unless_said_otherwise():
    scene = Scene()
    (told,) = await scene.facts(closing())
    assert isinstance(told, GroupeClosed)
    assert told.cloture == TODAY
    closed = scene.get(Groupe, "g1")
    assert closed.cloture_dite
    assert not closed.is_open(TODAY)
    assert scene.get(Membre, "membre").groupes(TODAY) == ("g1",)


async def test_a_closing_to_come_is_an_update_until_its_day():
    scene = Scene()
    (told,) = await scene.facts(closing(cloture=days(10)))
    assert isinstance(told, GroupeUpdated)
    assert told.cloture == days(10)
    assert scene.get(Groupe, "g1").is_open(days(9))
    assert await scene.facts(closing(cloture=days(10))) == []
    (told,) = await scene.facts(closing(cloture=days(5)))
    assert told.cloture == days(5)


async def test_a_group_that_never_opened_closes_too():
    scene = Scene(groupe("later", ouverture=days(10), ouverture_dite=False))
    (told,) = await scene.facts(closing("later"))
    assert isinstance(told, GroupeClosed)
    assert scene.get(Groupe, "later").ouverture_dite  # nothing is due of it any more


@pytest.mark.parametrize(
    ("groupe_id", "cloture", "code"),
    [
        ("over", None, "etat_contraire"),
        ("over", days(3), "etat_contraire"),
        ("g1", days(-1), "cloture_passee"),
        ("g9", None, "groupe_inconnu"),
        ("nothing", None, "groupe_inconnu"),
        ("declarer", None, "non_permis"),
        ("habiliter", None, "non_permis"),
    ],
)
async def test_what_is_refused(groupe_id, cloture, code):
    scene = Scene(groupe("over", cloture=days(-3)))
    assert await scene.code(closing(groupe_id, cloture)) == code


async def test_what_is_closed_says_so():
    refusal = await Scene(groupe("g1", cloture=TODAY)).refusal(closing())
    assert refusal is not None
    assert refusal.said == "Ce groupe est clôturé : rien n’a été changé."


async def test_the_caf_does_not_close_its_own_groups_by_hand():
    assert await Scene().code(closing("declarer"), AGENT) == "non_permis"


@pytest.mark.parametrize(("by", "code"), [(RESPONSABLE, "non_permis"), (MEMBRE, "groupe_inconnu")])
async def test_who_may_not(by, code):
    assert await Scene().code(closing(), by) == code


async def test_a_closing_put_off_brings_nobody_into_two_profiles():
    ends = groupe("g2", "autre-resp", role=role("T2"), cloture=days(10), adhesions=1)
    moves = membre("simple", "g2", appartenance("g1", debut=days(10)))
    scene = Scene(ends, moves)
    assert await scene.code(closing("g2", days(11))) == "autre_profil"
    assert await scene.code(closing("g2", days(9))) is None


async def test_nobody_puts_the_end_of_his_own_right_off():
    ends = groupe("g2", role=role("T2"), cloture=days(10), adhesions=1)
    scene = Scene(ends, membre("admin", "g2"))
    assert await scene.code(closing("g2", days(11)), ADMIN) == "pas_pour_soi"
    assert await scene.code(closing("g2", days(9)), ADMIN) is None
