"""An account was asked for once more, for other groups: its person joins them, or not, and why."""

from typing import Any

import pytest

from services.habilitation.domain.groupe import Groupe
from services.habilitation.domain.membre import Membre
from shared.contracts.identity import GroupesRequested
from shared.path.decision import Decision
from tests.habilitation.builders import (
    CONVENTION,
    ITSELF,
    NOW,
    TODAY,
    Scene,
    groupe,
    membre,
    personne,
    role,
)
from tests.habilitation.handlers.test_welcome_user import created, told


def further(*groupes: str, by: str = "autre-resp", **own: Any) -> GroupesRequested:
    values: dict[str, Any] = {
        "user_id": "neuf",
        "convention_id": CONVENTION,
        "groupes": groupes,
        "asked_by": by,
        "at": NOW,
    }
    return GroupesRequested(**(values | own))


async def test_the_groups_of_both_demands_are_joined_each_by_who_asked() -> None:
    scene = Scene(personne("neuf"))
    await scene.ask(created("g1", by="resp"), ITSELF)
    decision = await scene.ask(further("g2"), ITSELF)
    assert told(decision) == [("appartenance_added", "g2", None)]
    found = scene.get(Membre, "neuf")
    assert found.groupes(TODAY) == ("g1", "g2")
    assert [each.par for each in found.appartenances] == ["resp", "autre-resp"]
    assert scene.get(Groupe, "g2").adhesions == 1


async def test_both_told_in_one_poll_are_joined() -> None:
    scene = Scene(personne("neuf"))
    asked = (created("g1", by="resp"), further("g2"))
    first, second = scene.decide(*[await scene.prepared(each, ITSELF) for each in asked])
    assert (len(first.facts), len(second.facts)) == (1, 1)
    assert scene.get(Membre, "neuf").groupes(TODAY) == ("g1", "g2")


@pytest.mark.parametrize(
    ("asked", "motif"),
    [
        (further("g1"), "groupe_inconnu"),
        (further("g4", by="admin"), "autre_profil"),
        (further("g404", by="admin"), "groupe_inconnu"),
        (further("g2", by="u404"), "groupe_inconnu"),
    ],
)
async def test_what_is_refused_is_told_to_who_asked(asked: GroupesRequested, motif: str) -> None:
    granted = (groupe("g3", role=role("T2")), groupe("g4", role=role("T1")))
    scene = Scene(personne("neuf"), *granted)
    await scene.ask(created("g3"), ITSELF)
    (fact,) = await scene.facts(asked, ITSELF)
    assert (fact.motif, fact.asked_by) == (motif, asked.asked_by)
    assert scene.get(Membre, "neuf").groupes(TODAY) == ("g3",)


async def test_who_is_there_already_or_has_no_convention_is_left_alone() -> None:
    scene = Scene(personne("neuf"), membre("neuf", "g2"))
    for fact in (further("g2"), further("g1", convention_id=None)):
        assert await scene.ask(fact, ITSELF) == Decision()
