"""Limits of groups under races (G-31), two replicas asked at once: one responsable, one role, one
CDAP profile per member; seen in the log of what was told, at every instant."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.habilitation.builders import (
    RESPONSABLE,
    groupe,
    membre,
    personne,
)
from tests.habilitation.doors import GROUPES, Asked, Doors
from tests.habilitation.running import both_anew
from tests.harness.platform import Platform

pytestmark = [pytest.mark.connected, pytest.mark.long, pytest.mark.timeout(240)]

TRIALS, AT_ONCE = 50, 10
CDAP = {"service": "cdap"}


@pytest.fixture
async def doors(two_processes: Platform) -> AsyncIterator[Doors]:
    async with both_anew(two_processes) as both:
        yield Doors(*both)


def groupe_of(trial: int) -> str:
    return f"r{trial}"


async def test_a_group_never_has_a_second_responsable(doors: Doors) -> None:
    """The one responsable names ten successors at once: the first ends his own delegation."""
    people = [f"p{place}" for place in range(AT_ONCE)]
    doors.first.put(*map(personne, people))
    doors.first.put(*(groupe(groupe_of(trial)) for trial in range(TRIALS)))
    for trial in range(TRIALS):
        path = f"{GROUPES}/{groupe_of(trial)}"
        codes = await doors.ask_at_once(
            Asked("PATCH", path, {"responsable_id": each}, RESPONSABLE) for each in people
        )
        assert sorted(codes) == ["", *["groupe_inconnu"] * (AT_ONCE - 1)]
    told = await doors.told()
    for trial in range(TRIALS):
        (fact,) = told[f"groupes/{groupe_of(trial)}"]
        assert fact["responsable_id"] in people


async def test_a_group_never_has_a_second_role(doors: Doors) -> None:
    """Whoever assigns or withdraws takes the place of the one before, whom the fact names."""
    doors.first.put(*(groupe(groupe_of(trial)) for trial in range(TRIALS)))
    for trial in range(TRIALS):
        path = f"{GROUPES}/{groupe_of(trial)}/role"
        assignments = [Asked("PUT", path, CDAP | {"profil": each}) for each in ("T1", "T2") * 4]
        withdrawals = [Asked("DELETE", path)] * 2
        codes = await doors.ask_at_once([*assignments, *withdrawals])
        assert set(codes[:8]) == {""}
        assert set(codes[8:]) <= {"", "role_absent"}
    told = await doors.told()
    for trial in range(TRIALS):
        check_one_after_the_other(told[f"groupes/{groupe_of(trial)}"])


def check_one_after_the_other(facts: list[dict[str, Any]]) -> None:
    """Each fact names the role that its own took the place of: that of the fact before."""
    held: dict[str, Any] | None = None
    for fact in facts:
        assert fact.get("role") != held
        if held is not None:
            assert fact["role_retire"]["role"] == held
        held = fact.get("role")


async def test_a_member_never_has_a_second_profile(doors: Doors) -> None:
    """Two groups that somebody belongs to get different profiles at once: one of them does not."""
    for trial in range(TRIALS):
        both = [f"{side}{trial}" for side in ("a", "b")]
        doors.first.put(*(groupe(each, adhesions=1) for each in both), membre(f"m{trial}", *both))
    for trial in range(TRIALS):
        codes = await doors.ask_at_once(
            Asked("PUT", f"{GROUPES}/{side}{trial}/role", CDAP | {"profil": profil})
            for place in range(AT_ONCE // 2)
            for side, profil in (("ab"[place % 2], "T1"), ("ba"[place % 2], "T2"))
        )
        assert "" in codes
        assert set(codes) <= {"", "autre_profil"}
    for trial in range(TRIALS):
        assert len(await profils_of(doors, trial)) == 1


async def profils_of(doors: Doors, trial: int) -> set[str]:
    """The profiles that the two groups of a person give."""
    stored = doors.first.stored()["groupes"]
    roles = [row["role"] for row in stored if row["_id"] in {f"a{trial}", f"b{trial}"}]
    return {each["profil"] for each in roles if each is not None}


async def test_who_joins_while_the_role_changes_has_one_profile(doors: Doors) -> None:
    """Found beforehand, members may not be all: who joined since is seen at the decision."""
    for trial in range(TRIALS):
        people = [f"j{trial}-{place}" for place in range(AT_ONCE - 1)]
        doors.first.put(*map(personne, people), *(membre(each, "g1") for each in people))
        doors.first.put(groupe(groupe_of(trial)))
        path = f"{GROUPES}/{groupe_of(trial)}"
        joining = [Asked("POST", f"{path}/membres", {"user_id": each}) for each in people]
        codes = await doors.ask_at_once(
            [*joining[:4], Asked("PUT", f"{path}/role", CDAP | {"profil": "T2"}), *joining[4:]]
        )
        joined = [code for place, code in enumerate(codes) if place != 4]
        assigned = codes[4] == ""
        assert set(joined) == ({"autre_profil"} if assigned else {""}), codes
