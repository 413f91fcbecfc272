"""DeleteGroupe: a partner's own group, while nobody belongs to it and nothing hangs under it."""

import pytest

from services.habilitation.domain import adherents
from services.habilitation.domain.groupe import CodeReserve, Groupe
from shared.contracts.habilitation import GroupeDeleted
from shared.contracts.habilitation_commands import DeleteGroupe, OpenGroupe
from shared.errors import Outdated
from tests.habilitation.builders import (
    AGENT,
    CONVENTION,
    OTHER_RESPONSABLE,
    TODAY,
    Scene,
    appartenance,
    days,
    groupe,
    membre,
)


def deletion(groupe_id: str = "g2") -> DeleteGroupe:
    return DeleteGroupe(convention_id=CONVENTION, groupe_id=groupe_id)


def opening(groupe_id: str, code: str, parent_id: str | None = None) -> OpenGroupe:
    return OpenGroupe(
        convention_id=CONVENTION,
        groupe_id=groupe_id,
        code=code,
        libelle="T2 Petite enfance",
        responsable_id="simple",
        parent_id=parent_id,
    )


async def test_an_empty_group_is_there_no_more_and_its_code_is_free():
    scene = Scene()
    (told,) = await scene.facts(deletion())
    assert isinstance(told, GroupeDeleted)
    assert told.cloture == TODAY
    gone = scene.get(Groupe, "g2")
    assert gone.supprime
    assert not gone.is_open(TODAY)
    assert scene.get(CodeReserve, f"{CONVENTION}/G2").groupe_id is None
    assert await scene.code(deletion()) == "groupe_inconnu"
    assert await scene.code(opening("g3", "g2")) is None


async def test_past_memberships_leave_it_empty_those_to_come_do_not():
    left = membre("simple", appartenance("g2", fin=TODAY))
    comes = membre("simple", appartenance("g2", debut=days(5)))
    grown = groupe("g2", "autre-resp", adhesions=1)
    assert await Scene(grown, comes).code(deletion()) == "groupe_non_vide"
    assert await Scene(grown, left).code(deletion()) is None


async def test_not_a_group_of_more_people_than_are_looked_at(monkeypatch):
    monkeypatch.setattr(adherents, "MOST_ADHERENTS", 1)
    scene = Scene(groupe("g2", adhesions=2), membre("membre", "g2"), membre("simple", "g2"))
    assert await scene.code(deletion()) == "groupe_non_vide"


async def test_not_while_others_hang_under_it():
    scene = Scene()
    await scene.ask(opening("under", "T2PE", parent_id="g2"))
    assert await scene.code(deletion()) == "sous_groupes_presents"
    await scene.ask(deletion("under"))
    assert scene.get(Groupe, "g2").sous_groupes == 0
    assert await scene.code(deletion()) is None


async def test_a_closed_group_keeps_the_day_of_its_closing():
    scene = Scene(groupe("g2", cloture=days(-3), cloture_dite=True))
    (told,) = await scene.facts(deletion())
    assert told.cloture == days(-3)


@pytest.mark.parametrize(
    ("groupe_id", "code"),
    [
        ("g1", "groupe_non_vide"),
        ("g9", "groupe_inconnu"),
        ("nothing", "groupe_inconnu"),
        ("declarer", "non_permis"),
        ("habiliter", "non_permis"),
    ],
)
async def test_what_is_refused(groupe_id, code):
    assert await Scene().code(deletion(groupe_id)) == code


async def test_the_groups_of_the_caf_are_deleted_by_nobody():
    assert await Scene().code(deletion("declarer"), AGENT) == "non_permis"


async def test_a_responsable_deletes_nothing():
    assert await Scene().code(deletion(), OTHER_RESPONSABLE) == "non_permis"


async def test_somebody_who_joined_since_is_seen():
    scene = Scene()
    request = await scene.prepared(deletion())
    scene.put(groupe("g2", "autre-resp", adhesions=1), membre("simple", "g2"))
    with pytest.raises(Outdated):
        scene.decide(request)
    assert await scene.code(deletion()) == "groupe_non_vide"
