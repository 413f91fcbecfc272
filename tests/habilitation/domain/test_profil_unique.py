"""One CDAP profile per person, over the days that memberships and groups share."""

from datetime import date
from typing import Any

import pytest

from services.habilitation.domain.errors import OtherProfil
from services.habilitation.domain.groupe import Groupe
from services.habilitation.domain.membre import Appartenance
from services.habilitation.domain.profil_unique import check_one_profil
from shared.contracts.conventions import CodeService
from tests.habilitation.builders import TODAY, appartenance, days, groupe, membre, role

G1 = groupe("g1", libelle="T1 Assistants sociaux", role=role("T1"))


def g2(profil: str = "T2", **own: Any) -> Groupe:
    return groupe("g2", libelle="T2 Petite enfance", **({"role": role(profil)} | own))


def conflict(first: Appartenance, second: Appartenance, *, to: Groupe, other: Groupe = G1) -> bool:
    """Whether who has `first` in `other` may not have `second` in `to`."""
    try:
        check_one_profil(membre("u", first, second), to, [other, to], TODAY)
    except OtherProfil:
        return True
    return False


def span(debut: int, fin: int | None = None) -> tuple[date, date | None]:
    return days(debut), None if fin is None else days(fin)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (span(0), span(0), True),
        (span(0), span(100), True),
        (span(0, 30), span(29), True),
        (span(0, 30), span(30), False),  # the day of the end is left out
        (span(30), span(0, 30), False),
        (span(30), span(0, 31), True),
        (span(-90, -1), span(0), False),  # past
        (span(-90, -10), span(-20, -5), False),  # both past: settled
        (span(-90), span(-90), True),  # present
    ],
)
def test_two_profiles_exclude_each_other_on_the_days_that_they_share(first, second, expected):
    one, two = appartenance("g1", *first), appartenance("g2", *second)
    assert conflict(one, two, to=g2()) is expected


@pytest.mark.parametrize(
    "to",
    [
        g2("T1"),
        g2(role=None),
        g2(role=role(None, CodeService.ADONIS)),
        g2(role=role(None, CodeService.CDAP)),
        g2(cloture=TODAY),
        g2(supprime=True),
    ],
)
def test_the_same_profile_no_profile_or_a_group_that_is_over_exclude_nothing(to):
    assert not conflict(appartenance("g1"), appartenance("g2"), to=to)


def test_a_group_gives_its_profile_on_its_own_days_only():
    here, there = appartenance("g1"), appartenance("g2")
    ends = G1.changed(cloture=days(10))
    assert not conflict(here, there, to=g2(ouverture=days(10)), other=ends)
    assert conflict(here, there, to=g2(ouverture=days(9)), other=ends)


def test_the_refusal_names_the_group_that_gives_the_other_profile():
    with pytest.raises(OtherProfil) as caught:
        check_one_profil(membre("u", "g1", "g2"), g2(), [G1], TODAY)
    assert (
        caught.value.said
        == "Cette personne a déjà le profil T1 par le groupe « T1 Assistants sociaux »."
    )
    assert caught.value.field == "user_id"


def test_what_the_group_gave_before_does_not_count():
    before, after = g2("T1"), g2("T2")
    check_one_profil(membre("u", "g2"), after, [before], TODAY)
