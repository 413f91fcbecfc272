"""Limits of memberships under races (G-31), two replicas asked at once: nobody is twice in a group,
nobody has two CDAP profiles, nobody is put in a group that closes; seen in what was told."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.habilitation.builders import groupe, personne, role
from tests.habilitation.doors import GROUPES, Asked, Doors
from tests.habilitation.running import both_anew
from tests.harness.platform import Platform

pytestmark = [pytest.mark.connected, pytest.mark.long, pytest.mark.timeout(240)]

TRIALS, FEWER, AT_ONCE = 50, 20, 10
"""The fifty of G-31 for the limit that is a rule of the trade; fewer for the others."""


@pytest.fixture
async def doors(two_processes: Platform) -> AsyncIterator[Doors]:
    async with both_anew(two_processes) as both:
        yield Doors(*both)


def joining(groupe_id: str, user_id: str) -> Asked:
    return Asked("POST", f"{GROUPES}/{groupe_id}/membres", {"user_id": user_id})


def belongs(fact: dict[str, Any]) -> list[str]:
    """The groups that a person belongs to, once that was told."""
    return [each["groupe_id"] for each in fact["appartenances"]]


async def test_nobody_is_twice_in_a_group(doors: Doors) -> None:
    people = [f"m{trial}" for trial in range(FEWER)]
    doors.first.put(*map(personne, people))
    for user_id in people:
        codes = await doors.ask_at_once([joining("g1", user_id)] * AT_ONCE)
        assert sorted(codes) == ["", *["deja_membre"] * (AT_ONCE - 1)]
    told = await doors.told()
    for user_id in people:
        (fact,) = told[f"membres/{user_id}"]
        assert belongs(fact) == ["g1"]


async def test_nobody_ever_has_a_second_profile(doors: Doors) -> None:
    """Ten groups of two profiles at once: all of one profile, none of the other."""
    profils = {f"p{place}": ("T1", "T2")[place % 2] for place in range(AT_ONCE)}
    doors.first.put(*(groupe(id, role=role(profil)) for id, profil in profils.items()))
    people = [f"m{trial}" for trial in range(TRIALS)]
    doors.first.put(*map(personne, people))
    for user_id in people:
        codes = await doors.ask_at_once(joining(each, user_id) for each in profils)
        assert sorted(codes) == [*[""] * (AT_ONCE // 2), *["autre_profil"] * (AT_ONCE // 2)]
    told = await doors.told()
    for user_id in people:
        facts = told[f"membres/{user_id}"]
        assert len(facts) == AT_ONCE // 2
        for fact in facts:
            assert len({profils[each] for each in belongs(fact)}) == 1


async def test_nobody_joins_a_group_that_closes_or_is_deleted(doors: Doors) -> None:
    people = [f"m{place}" for place in range(AT_ONCE - 1)]
    doors.first.put(*map(personne, people))
    doors.first.put(*(groupe(f"r{trial}") for trial in range(FEWER)))
    for trial in range(FEWER):
        path = f"{GROUPES}/r{trial}"
        ending = Asked("DELETE", path) if trial % 2 else Asked("POST", f"{path}/closing", {})
        asked = [joining(f"r{trial}", each) for each in people]
        codes = await doors.ask_at_once([*asked[:4], ending, *asked[4:]])
        joined = [code for place, code in enumerate(codes) if place != 4]
        if trial % 2:  # only an empty group is deleted
            assert set(joined) == ({"groupe_inconnu"} if codes[4] == "" else {""}), codes
            assert codes[4] in {"", "groupe_non_vide"}
        else:
            assert codes[4] == ""
            assert set(joined) <= {"", "groupe_cloture"}
    told = await doors.told()
    for trial in range(0, FEWER, 2):
        assert told[f"groupes/r{trial}"][-1]["cloture"] is not None
