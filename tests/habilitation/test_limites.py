"""Limits under races (G-31), two replicas asked at once: never more than two administrateurs, never
two conventions of one organisme; seen in the log of what was told, not only at the end."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from shared.contracts.conventions import MOST_ADMINISTRATEURS, Rang
from shared.contracts.habilitation import SERVICE
from shared.contracts.habilitation_commands import DesignateAdministrateur
from shared.contracts.topics import CONVENTIONS, group_of
from shared.ids import draw_id
from tests.habilitation.builders import AGENT, agent, convention, personne
from tests.habilitation.running import COMMANDS, DEADLINE_S, Running, both_anew
from tests.harness.platform import Platform
from tests.harness.polling import eventually
from tests.harness.topics import Record

pytestmark = [pytest.mark.connected, pytest.mark.long, pytest.mark.timeout(240)]

TRIALS, AT_ONCE = 50, 10
BUSY = httpx.codes.SERVICE_UNAVAILABLE
Doors = tuple[Running, Running]


@pytest.fixture
async def doors(two_processes: Platform) -> AsyncIterator[Doors]:
    """The doors of two replicas of habilitation."""
    async with both_anew(two_processes) as both:
        both[0].put(agent())
        yield both


def number(trial: int) -> str:
    return f"40_{trial}"


def people(trial: int) -> list[str]:
    return [f"p{trial}-{place}" for place in range(AT_ONCE)]


def prepare(habilitation: Running, trials: int = TRIALS) -> None:
    """Open conventions without administrateur, ten people each."""
    for trial in range(trials):
        habilitation.put(convention(number(trial), administrateurs=(), services=()))
        habilitation.put(*(personne(each, convention_id=number(trial)) for each in people(trial)))


async def designate(door: Running, trial: int, user_id: str, rang: Rang) -> str:
    """Ask until there is an answer; what became of it."""
    path = f"/conventions/{number(trial)}/administrateurs"
    asked, key = {"user_id": user_id, "rang": rang}, draw_id()
    answer = await door.ask("POST", path, asked, by=AGENT, key=key)
    while answer.status_code == BUSY:
        answer = await door.ask("POST", path, asked, by=AGENT, key=key)
    return "" if answer.is_success else str(answer.json()["code"])


def told_of(records: list[Record], convention_id: str) -> list[tuple[str, dict[str, Any]]]:
    """What was told of a convention, in the order of its life, each once."""
    own = {
        int(each.header("ce_sequence") or ""): each
        for each in records
        if each.key == convention_id.encode()
    }
    return [
        ((each.header("ce_type") or "").split(".")[2], each.json())
        for _, each in sorted(own.items())
    ]


async def whole_log(habilitation: Running, *conventions: str) -> list[Record]:
    """The log once everything that was decided of these conventions was told, without a gap."""
    await eventually(lambda: _nothing_asked(habilitation), DEADLINE_S, "every command is decided")
    stored = habilitation.platform.database(SERVICE)["conventions"].find(
        {"_id": {"$in": conventions}}, {"seq": 1}
    )
    last = {row["_id"]: row["seq"] for row in stored}

    async def complete() -> list[Record]:
        records = await habilitation.platform.read(CONVENTIONS)
        told = {each: len(told_of(records, each)) for each in conventions}
        return records if told == {each: last[each] - 1 for each in conventions} else []

    return await eventually(complete, DEADLINE_S, "everything is told")


async def _nothing_asked(habilitation: Running) -> bool:
    return not await habilitation.platform.lag(group_of(SERVICE, COMMANDS), COMMANDS)


def check_never_exceeded(told: list[tuple[str, dict[str, Any]]]) -> set[str]:
    """Play the log: the limit holds at every fact. Returns who is left."""
    held: set[str] = set()
    for name, fact in told:
        if name == "administrateur_designated":
            held.add(fact["user_id"])
        elif name == "administrateur_relieved":
            held.remove(fact["user_id"])
        assert held == set(fact["administrateurs"])
        assert len(fact["administrateurs"]) <= MOST_ADMINISTRATEURS
    return held


async def test_never_a_third_administrateur(doors: Doors) -> None:
    prepare(doors[0])
    for trial in range(TRIALS):
        ranks = [list(Rang)[place // 2 % 2] for place in range(AT_ONCE)]
        codes = await asyncio.gather(
            *(
                designate(doors[place % 2], trial, user_id, ranks[place])
                for place, user_id in enumerate(people(trial))
            )
        )
        assert sorted(codes) == ["", "", *["rang_pris"] * (AT_ONCE - 2)]
    records = await whole_log(doors[0], *map(number, range(TRIALS)))
    for trial in range(TRIALS):
        told = told_of(records, number(trial))
        assert [name for name, _ in told] == ["administrateur_designated"] * 2
        assert len(check_never_exceeded(told)) == MOST_ADMINISTRATEURS


async def test_nor_while_others_are_replaced_and_relieved_by_both_doors(doors: Doors) -> None:
    habilitation, trial = doors[0], 0
    prepare(habilitation, 1)
    first, second, *others = people(trial)
    await designate(doors[0], trial, first, Rang.PRINCIPAL)
    await designate(doors[1], trial, second, Rang.SUPPLEANT)
    path = f"/conventions/{number(trial)}/administrateurs"

    async def disturb(place: int, user_id: str) -> None:
        door = doors[place % 2]
        if place % 4 == 0:
            replacement = f"{path}/{first}/replacement"
            await door.ask("POST", replacement, {"user_id": user_id}, by=AGENT)
        elif place % 4 == 1:
            await door.ask("DELETE", f"{path}/{second}", by=AGENT)
        elif place % 4 == 2:
            await designate(door, trial, user_id, Rang.SUPPLEANT)
        else:
            asked = DesignateAdministrateur(
                convention_id=number(trial), user_id=user_id, rang=Rang.PRINCIPAL
            )
            await habilitation.publish(asked, AGENT)

    await asyncio.gather(*(disturb(place, each) for place, each in enumerate(others)))
    records = await whole_log(habilitation, number(trial))
    check_never_exceeded(told_of(records, number(trial)))


async def register(door: Running, convention_id: str, siret: str) -> str:
    """Register a convention; what became of it."""
    asked = {
        "convention_id": convention_id,
        "siret": siret,
        "organisme": "Mairie d’Orval",
        "type_organisme": "commune",
        "departements": ["93"],
    }
    answer = await door.ask("POST", "/conventions", asked, by=AGENT, key=f"{convention_id}/{siret}")
    while answer.status_code == BUSY:
        key = f"{convention_id}/{siret}"
        answer = await door.ask("POST", "/conventions", asked, by=AGENT, key=key)
    return "" if answer.is_success else str(answer.json()["code"])


async def test_one_organisme_has_one_convention_and_one_number_is_given_once(doors: Doors) -> None:
    told = await doors[0].follow(CONVENTIONS)
    sirets = [siret_of(each) for each in range(2 * TRIALS)]
    for trial in range(TRIALS):
        same_siret, same_number = sirets[2 * trial], f"50_{trial}"
        codes = await asyncio.gather(
            *(
                register(doors[place % 2], f"6{place % 5}_{trial}", same_siret)
                for place in range(5)
            ),
            register(doors[0], same_number, sirets[2 * trial + 1]),
            register(doors[1], same_number, siret_of(1_000 + trial)),
        )
        assert sorted(codes[:5]) == ["", *["siret_pris"] * 4]
        assert sorted(codes[5:]) == ["", "numero_pris"]

    def registered() -> dict[str, set[str]]:
        """The conventions told of each SIRET; a fact may be told twice."""
        found: dict[str, set[str]] = defaultdict(set)
        for each in told.records:
            found[each.json()["siret"]].add(each.json()["convention_id"])
        return found

    await eventually(lambda: len(registered()) == 2 * TRIALS, DEADLINE_S, "every registration")
    assert {len(each) for each in registered().values()} == {1}


def siret_of(place: int) -> str:
    """An invented SIRET with a right key."""
    begun = f"210{place:06d}0001"
    return next(f"{begun}{key}" for key in range(10) if has_right_key(f"{begun}{key}"))


def has_right_key(siret: str) -> bool:
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(siret)))
    return sum(sum(divmod(each, 10)) for each in doubled) % 10 == 0
