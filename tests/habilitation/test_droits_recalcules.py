"""Rights are a function of what was told (G-34): decided on the documents, or recomputed, the same.

`HISTOIRES=full` plays 1 000 histories; without it, what a few seconds allow.
"""

import os
from datetime import timedelta

import pytest

from services.habilitation.domain.groupe import Groupe
from services.habilitation.domain.membre import Membre
from shared.contracts.conventions import EtatConvention
from tests.habilitation.builders import (
    TODAY,
    appartenance,
    convention,
    days,
    groupe,
    membre,
    role,
)
from tests.habilitation.evenements import draw_history, play
from tests.habilitation.histoire import Histoire
from tests.habilitation.recalcul import recompute

HISTORIES = 1_000 if os.environ.get("HISTOIRES") == "full" else 60
"""Those of G-34, or a few."""
LENGTH = 60


def compare(histoire: Histoire, ahead: int = 0) -> None:
    """Today's rights; those of the days ahead if nothing happens, the clock alone."""
    for count in range(ahead + 1):
        day = histoire.today + timedelta(days=count)
        assert histoire.droits(day) == recompute(histoire.told, day.isoformat()), day


@pytest.mark.timeout(3600)
def test_rights_decided_are_those_recomputed_from_what_was_told() -> None:
    for number in range(HISTORIES):
        histoire = Histoire()
        for step in draw_history(number, LENGTH):
            play(histoire, step)
            if step.name == "day":
                compare(histoire)
        compare(histoire, ahead=4)


def test_history_of_the_builders_gives_rights() -> None:
    histoire = Histoire()
    assert histoire.droits(TODAY) == {
        ("membre", "cdap", "T1", "g1"),
        ("habiliteur", "afas", None, "habiliter"),
    }
    compare(histoire)


def test_convention_and_groups_open_by_the_clock_alone() -> None:
    """Nobody tells that the day has come: rights begin with it, for both ways of knowing."""
    signed = convention(etat=EtatConvention.A_SIGNER, ouverture=days(2))
    histoire = Histoire(signed, groupe("g1", role=role("T1"), ouverture=days(3)))
    compare(histoire, ahead=4)
    found = [sorted(user for user, *_ in histoire.droits(days(count))) for count in range(5)]
    assert found == [[], [], ["habiliteur"], ["habiliteur", "membre"], ["habiliteur", "membre"]]
    unsigned = Histoire(signed.changed(validee=False))
    compare(unsigned, ahead=4)
    assert unsigned.droits(days(4)) == set()


def test_membership_closed_or_to_come_gives_nothing() -> None:
    histoire = Histoire()
    for each in (appartenance("g1", debut=days(1)), appartenance("g1", fin=TODAY)):
        histoire.scene.put(membre("membre", each))
        assert {user for user, *_ in histoire.droits(TODAY)} == {"habiliteur"}
    g1 = histoire.scene.get(Groupe, "g1")
    for dates in ({"ouverture": days(1)}, {"cloture": TODAY}):
        histoire.scene.put(g1.changed(**dates), membre("membre", "g1"))
        assert {user for user, *_ in histoire.droits(TODAY)} == {"habiliteur"}
    assert histoire.scene.get(Membre, "membre").groupes(TODAY) == ("g1",)
