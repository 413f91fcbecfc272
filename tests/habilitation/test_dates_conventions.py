"""The days of a convention: the clock decides at once, the scheduler tells, once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from deploy.local.servers import Servers
from shared.calendrier import day_of
from shared.clock import Clock
from shared.contracts.conventions import EtatConvention, Rang
from shared.contracts.habilitation import SERVICE
from shared.contracts.topics import CONVENTIONS
from tests.habilitation.builders import AGENT, CONVENTION, convention
from tests.habilitation.running import DEADLINE_S, Running, running
from tests.habilitation.signing import OURS
from tests.harness.polling import eventually

pytestmark = [pytest.mark.connected, pytest.mark.long, pytest.mark.timeout(180)]

PEOPLE = f"/conventions/{CONVENTION}/administrateurs"


@pytest.fixture
async def habilitation(servers: Servers) -> AsyncIterator[Running]:
    async with running(servers) as process:
        process.put(OURS)
        yield process


async def schedule(habilitation: Running, times: int = 2) -> None:
    """Two schedulers at once: what is due is done once."""
    run = habilitation.platform.run_command
    all_ = await asyncio.gather(*(run(SERVICE, "schedule", "--once") for _ in range(times)))
    assert {done.exit_code for done in all_} == {0}, [done.stderr for done in all_]


async def told(habilitation: Running) -> list[tuple[str, str]]:
    """What was told of our convention, in order, with its state."""
    records = await habilitation.platform.read(CONVENTIONS)
    own = [each for each in records if each.key == CONVENTION.encode()]
    own.sort(key=lambda each: int(each.header("ce_sequence") or ""))
    return [((each.header("ce_type") or "").split(".")[2], each.json()["etat"]) for each in own]


async def refused(habilitation: Running, method: str, path: str, form: Any) -> str:
    answer = await habilitation.ask(method, path, form, by=AGENT)
    return "" if answer.is_success else str(answer.json()["code"])


async def test_a_convention_opens_and_closes_on_its_days(habilitation: Running) -> None:
    today = day_of(Clock.real_now())
    opens, closes = today + timedelta(days=1), today + timedelta(days=3)
    signing: dict[str, Any] = {
        "etat": EtatConvention.A_SIGNER,
        "validee": False,
        "administrateurs": (),
    }
    habilitation.put(convention(ouverture=opens, cloture=closes, **signing))
    path = f"/conventions/{CONVENTION}"
    assert await refused(habilitation, "POST", f"{path}/validation", None) == ""
    designated = {"user_id": "simple", "rang": Rang.PRINCIPAL}
    assert await refused(habilitation, "POST", PEOPLE, designated) == "convention_a_ouvrir"
    await schedule(habilitation, 1)
    assert await told(habilitation) == [("convention_updated", "a_signer")]

    habilitation.set_clock(timedelta(days=1))

    async def open_by_the_clock() -> bool:
        return await refused(habilitation, "POST", PEOPLE, designated) == ""

    await eventually(open_by_the_clock, DEADLINE_S, "an administrateur is designated")
    await schedule(habilitation)
    opened = [
        ("convention_updated", "a_signer"),
        ("administrateur_designated", "ouverte"),
        ("convention_opened", "ouverte"),
    ]

    async def opening_told() -> bool:
        return await told(habilitation) == opened

    await eventually(opening_told, DEADLINE_S, "the opening is told")

    habilitation.set_clock(timedelta(days=3))

    async def closed_by_the_clock() -> bool:
        changed = {"organisme": "Ville de Valfleury"}
        return await refused(habilitation, "PATCH", path, changed) == "convention_cloturee"

    await eventually(closed_by_the_clock, DEADLINE_S, "nothing changes any more")
    habilitation.platform.scheduler(SERVICE).start()

    async def closing_told() -> bool:
        return ("convention_closed", "cloturee") in await told(habilitation)

    await eventually(closing_told, DEADLINE_S, "the closing is told")
    await schedule(habilitation, 1)
    names = [name for name, _ in await told(habilitation)]
    assert (names.count("convention_opened"), names.count("convention_closed")) == (1, 1)
    stored = habilitation.platform.database(SERVICE)
    assert stored["sirets"].find_one({"_id": OURS.id})["convention_id"] is None  # type: ignore[index]
