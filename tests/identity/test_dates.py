"""The day comes: the scheduler opens and closes accounts, once; the clock decides before."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from deploy.local.servers import Servers
from shared.calendrier import day_of
from shared.clock import Clock
from shared.contracts.identity import SERVICE
from shared.contracts.topics import CREDENTIALS, USER_LIFECYCLE
from tests.harness.polling import eventually
from tests.identity.builders import PASSWORD
from tests.identity.running import DEADLINE_S, Running, form, running

pytestmark = [pytest.mark.connected, pytest.mark.long, pytest.mark.timeout(180)]


@pytest.fixture
async def identity(servers: Servers) -> AsyncIterator[Running]:
    async with running(servers) as process:
        yield process


async def schedule(identity: Running) -> None:
    """Two schedulers at once: what is due is done once."""
    run = identity.platform.run_command
    both = await asyncio.gather(*(run(SERVICE, "schedule", "--once") for _ in range(2)))
    assert [done.exit_code for done in both] == [0, 0], [done.stderr for done in both]


async def told(identity: Running, user_id: str) -> list[str]:
    """What was told of an account, in order."""
    records = await identity.platform.read(USER_LIFECYCLE)
    own = [record for record in records if record.key == user_id.encode()]
    own.sort(key=lambda record: record.header("ce_sequence") or "")
    return [(record.header("ce_type") or "").split(".")[2] for record in own]


async def test_account_opens_and_closes_on_its_days(identity: Running) -> None:
    today = day_of(Clock.real_now())
    opens, closes = today + timedelta(days=1), today + timedelta(days=3)
    asked = form("u1", ouverture=opens.isoformat(), cloture=closes.isoformat())
    answer = await identity.ask("POST", "/users", asked)
    assert answer.status_code == 201, answer.text
    await schedule(identity)
    shown = (await identity.ask("GET", "/users/u1")).json()
    assert (shown["etat"], shown["ouverture"]) == ("a_ouvrir", opens.isoformat())
    assert await identity.platform.read(CREDENTIALS) == []

    identity.platform.set_clock(timedelta(days=1))
    await schedule(identity)
    identifiant, temporary = await identity.credentials("u1")
    assert identifiant == shown["identifiant"]
    assert await told(identity, "u1") == ["user_created", "user_opened"]
    assert len(await identity.platform.read(CREDENTIALS)) == 2
    narrow = await identity.client.sign_in(identifiant, temporary)
    chosen = {"nouveau_mot_de_passe": PASSWORD}
    answer = await identity.ask("POST", "/password", chosen, session=narrow)
    assert answer.status_code == 204, answer.text
    await identity.client.sign_in(identifiant, PASSWORD)

    identity.platform.set_clock(timedelta(days=3))

    async def shut() -> bool:
        body = {"identifiant": identifiant, "mot_de_passe": PASSWORD}
        answer = await identity.ask("POST", "/sessions", body, session=None)
        return answer.status_code == 401

    await eventually(shut, DEADLINE_S, "nobody signs in from the closing day on")
    assert "user_closed" not in await told(identity, "u1")
    await schedule(identity)

    async def closed() -> bool:
        return (await told(identity, "u1")).count("user_closed") == 1

    await eventually(closed, DEADLINE_S, "the closing is told")
    await schedule(identity)
    assert (await told(identity, "u1")).count("user_closed") == 1
    stored = identity.platform.database(SERVICE)["comptes"].find_one({"_id": "u1"})
    assert stored is not None
    assert (stored["etat"], stored["actes"][-1]["par"]) == ("cloture", SERVICE)
