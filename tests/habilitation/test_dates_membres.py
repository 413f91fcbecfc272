"""The days of a membership: the clock decides at once, the scheduler tells, once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from deploy.local.servers import Servers
from shared.calendrier import day_of
from shared.clock import Clock
from shared.contracts.habilitation import SERVICE
from shared.contracts.topics import ROLE_ASSIGNMENTS
from tests.habilitation.builders import CONVENTION, SIMPLE
from tests.habilitation.running import DEADLINE_S, Running, running
from tests.harness.polling import eventually

pytestmark = [pytest.mark.connected, pytest.mark.long, pytest.mark.timeout(180)]

G1, G2 = (f"/conventions/{CONVENTION}/groupes/{each}/membres" for each in ("g1", "g2"))
ADDED = ["appartenance_added", "appartenance_added"]


@pytest.fixture
async def habilitation(servers: Servers) -> AsyncIterator[Running]:
    async with running(servers) as process:
        yield process


async def schedule(habilitation: Running) -> None:
    """Two schedulers at once: what is due is done once."""
    run = habilitation.platform.run_command
    both = await asyncio.gather(*(run(SERVICE, "schedule", "--once") for _ in range(2)))
    assert [done.exit_code for done in both] == [0, 0], [done.stderr for done in both]


async def told(habilitation: Running) -> list[str]:
    """What was told of that person's memberships, in order."""
    records = await habilitation.platform.read(ROLE_ASSIGNMENTS)
    own = [each for each in records if each.header("ce_subject") == f"membres/{SIMPLE.id}"]
    own.sort(key=lambda each: int(each.header("ce_sequence") or ""))
    return [(each.header("ce_type") or "").split(".")[2] for each in own]


async def until_told(habilitation: Running, expected: list[str]) -> None:
    """Let the scheduler ask until everything expected is told, and once more: nothing else is."""

    async def as_expected() -> bool:
        await schedule(habilitation)
        return await told(habilitation) == expected

    await eventually(as_expected, DEADLINE_S, "the days are told")
    await schedule(habilitation)
    assert await told(habilitation) == expected


async def test_membership_begins_and_is_over_on_its_days(habilitation: Running) -> None:
    today = day_of(Clock.real_now())
    soon, later = (today + timedelta(days=each) for each in (1, 3))
    for path, days in (
        (G1, {"debut": soon.isoformat(), "fin": later.isoformat()}),
        (G2, {"debut": today.isoformat(), "fin": soon.isoformat()}),
    ):
        answer = await habilitation.ask("POST", path, {"user_id": SIMPLE.id} | days)
        assert answer.status_code == 201, answer.text
    await schedule(habilitation)
    assert await told(habilitation) == ADDED

    habilitation.set_clock(timedelta(days=1))
    both = [*ADDED, "appartenance_started", "appartenance_lapsed"]
    await until_told(habilitation, both)

    habilitation.set_clock(timedelta(days=3))

    async def over_by_the_clock() -> bool:
        answer = await habilitation.ask("POST", f"{G1}/{SIMPLE.id}/ending", {})
        return answer.status_code == 409 and answer.json()["code"] == "non_membre"

    await eventually(over_by_the_clock, DEADLINE_S, "what is over has no end any more")
    assert await told(habilitation) == both
    await until_told(habilitation, [*both, "appartenance_lapsed"])
