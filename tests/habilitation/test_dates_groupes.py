"""The days of a group: the clock decides at once, the scheduler tells, once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from deploy.local.servers import Servers
from shared.calendrier import day_of
from shared.clock import Clock
from shared.contracts.habilitation import SERVICE
from shared.contracts.topics import ROLE_ASSIGNMENTS
from shared.security.principal import Principal
from tests.habilitation.builders import ADMIN, CONVENTION, SIMPLE
from tests.habilitation.running import DEADLINE_S, Running, running
from tests.harness.polling import eventually

pytestmark = [pytest.mark.connected, pytest.mark.long, pytest.mark.timeout(180)]

GROUPES = f"/conventions/{CONVENTION}/groupes"


@pytest.fixture
async def habilitation(servers: Servers) -> AsyncIterator[Running]:
    async with running(servers) as process:
        yield process


async def schedule(habilitation: Running) -> None:
    """Two schedulers at once: what is due is done once."""
    run = habilitation.platform.run_command
    both = await asyncio.gather(*(run(SERVICE, "schedule", "--once") for _ in range(2)))
    assert [done.exit_code for done in both] == [0, 0], [done.stderr for done in both]


async def told(habilitation: Running, groupe_id: str) -> list[str]:
    """What was told of a group, in the order of its life."""
    records = await habilitation.platform.read(ROLE_ASSIGNMENTS)
    own = [each for each in records if each.header("ce_subject") == f"groupes/{groupe_id}"]
    own.sort(key=lambda each: int(each.header("ce_sequence") or ""))
    return [(each.header("ce_type") or "").split(".")[2] for each in own]


async def code(
    habilitation: Running, method: str, path: str, form: Any = None, by: Principal = ADMIN
) -> str:
    answer = await habilitation.ask(method, path, form, by=by)
    return "" if answer.is_success else str(answer.json()["code"])


async def test_a_group_opens_and_closes_on_its_days(habilitation: Running) -> None:
    today = day_of(Clock.real_now())
    asked = {
        "code": "T2PE",
        "libelle": "T2 Petite enfance",
        "responsable_id": SIMPLE.id,
        "ouverture": (today + timedelta(days=1)).isoformat(),
        "cloture": (today + timedelta(days=3)).isoformat(),
    }
    answer = await habilitation.ask("POST", GROUPES, asked)
    assert answer.status_code == 201, answer.text
    groupe_id = answer.json()["groupe_id"]
    path = f"{GROUPES}/{groupe_id}"
    role = {"service": "cdap", "profil": "T2"}
    assert await code(habilitation, "PUT", f"{path}/role", role) == ""
    await schedule(habilitation)
    before = ["groupe_opened", "role_assigned"]
    assert await told(habilitation, groupe_id) == before

    habilitation.set_clock(timedelta(days=1))
    await until_told(habilitation, groupe_id, [*before, "groupe_started"])

    habilitation.set_clock(timedelta(days=3))
    other = {"service": "cdap", "profil": "T1"}

    async def closed_by_the_clock() -> bool:
        return await code(habilitation, "PUT", f"{path}/role", other) == "groupe_cloture"

    await eventually(closed_by_the_clock, DEADLINE_S, "a closed group gets no role")
    assert await code(habilitation, "PATCH", path, {"libelle": "T2"}, SIMPLE) == "groupe_inconnu"
    await schedule(habilitation)

    async def closing_told() -> bool:
        return (await told(habilitation, groupe_id))[-1] == "groupe_closed"

    await eventually(closing_told, DEADLINE_S, "the closing is told")
    await schedule(habilitation)
    assert (await told(habilitation, groupe_id)).count("groupe_closed") == 1


async def until_told(habilitation: Running, groupe_id: str, expected: list[str]) -> None:
    """Let the scheduler ask until everything expected is told, and once more: nothing else is."""

    async def as_expected() -> bool:
        await schedule(habilitation)
        return await told(habilitation, groupe_id) == expected

    await eventually(as_expected, DEADLINE_S, "its days are told")
    await schedule(habilitation)
    assert await told(habilitation, groupe_id) == expected
