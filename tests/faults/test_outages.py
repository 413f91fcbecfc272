"""A dependency goes away and comes back: the service waits without burning, and goes on alone."""

import asyncio
import time

import httpx
import pytest

from tests.faults.conftest import Report
from tests.faults.evidence import gather, lags_of
from tests.faults.ledger import settle
from tests.faults.load import Load
from tests.faults.mode import pick
from tests.faults.outage import broker_away, mongod_away
from tests.faults.subject import Subject
from tests.faults.subjects import each_service_in_full
from tests.faults.watching import Processor, is_alive, p95, until_ready
from tests.harness.fixtures import StartPlatform
from tests.harness.platform import Platform
from tests.harness.polling import eventually

MONGOD_AWAY_S = pick(short=12.0, full=60.0)
BROKER_AWAY_S = pick(short=15.0, full=120.0)
PER_SECOND = 50.0
ACCOUNTS = 60
READY_S = 5.0
"""How late readiness may be, either way (G-70)."""
IDLE_SHARE = 0.20
"""Of a core, while a dependency is away (G-05)."""
RECOVERED_S = 15.0
DRAINED_S = 30.0
ANSWER_S = 1.0

pytestmark = pytest.mark.timeout(pick(short=150, full=400))
HOW = pick(short={"stopped": False}, full={"stopped": False, "frozen": True})
frozen_or_not = pytest.mark.parametrize("frozen", HOW.values(), ids=HOW)


async def at_rest(platform: Platform, deadline_s: float, service: str = "identity") -> float:
    """Seconds until the outbox is empty and nothing waits on the topics."""
    started = time.monotonic()
    outbox = platform.database(service)["outbox"]

    async def done() -> bool:
        lags = await lags_of(platform, service)
        return not outbox.count_documents({}) and not any(lags.values())

    await eventually(done, deadline_s, "outbox empty, lag 0")
    return time.monotonic() - started


@each_service_in_full
@frozen_or_not
async def test_store_away_under_load(
    subject: type[Subject], start_platform: StartPlatform, report: Report, *, frozen: bool
) -> None:
    platform = await start_platform((subject.SERVICE,))
    replica = platform.replica(subject.SERVICE)
    load = await Load.on(subject(platform), ACCOUNTS)
    seconds = MONGOD_AWAY_S + 6
    publishing = asyncio.create_task(
        load.publish(publishers=10, commands=int(PER_SECOND * seconds), per_second=PER_SECOND)
    )
    patching = asyncio.create_task(load.patch(clients=4, commands=int(5 * seconds), per_second=5.0))
    await asyncio.sleep(3)
    async with mongod_away(platform.settings.servers, frozen=frozen):
        away_s = await until_ready(replica, ready=False, deadline_s=READY_S)
        processor = Processor(replica)
        await asyncio.sleep(MONGOD_AWAY_S - away_s)
        share = processor.share()
        assert await is_alive(replica)
    back_s = await until_ready(replica, ready=True, deadline_s=READY_S)
    await asyncio.gather(publishing, patching)
    rest_s = await at_rest(platform, RECOVERED_S, load.service)
    ledger = settle(await gather(platform, load.asked, service=load.service))
    report(
        f"processor while waiting: {share:.1%}\nnot ready after {away_s:.1f} s, "
        f"ready after {back_s:.1f} s, at rest after {rest_s:.1f} s\nHTTP answers while away: "
        f"{dict(load.answers)}, slowest {max(load.try_s):.1f} s\n{ledger.summary()}"
    )
    assert ledger.clean, ledger.summary()
    assert share < IDLE_SHARE
    assert set(load.answers) <= {
        httpx.codes.OK,
        httpx.codes.SERVICE_UNAVAILABLE,
        httpx.codes.CONFLICT,
    }


@each_service_in_full
@frozen_or_not
async def test_broker_away_while_http_works(
    subject: type[Subject], start_platform: StartPlatform, report: Report, *, frozen: bool
) -> None:
    platform = await start_platform((subject.SERVICE,))
    if frozen and platform.settings.servers.kind == "embedded":
        pytest.skip("the embedded broker shares its process with its control port")
    replica = platform.replica(subject.SERVICE)
    load = await Load.on(subject(platform), ACCOUNTS)
    seconds = BROKER_AWAY_S + 6
    await load.publish(publishers=2, commands=100, per_second=200)
    patching = asyncio.create_task(
        load.patch(clients=16, commands=int(20 * seconds), per_second=20.0)
    )
    await asyncio.sleep(3)
    async with broker_away(platform.settings.servers, frozen=frozen):
        away_s = await until_ready(replica, ready=False, deadline_s=READY_S)
        processor = Processor(replica)
        await asyncio.sleep(BROKER_AWAY_S - away_s)
        share = processor.share()
        assert await is_alive(replica)
    back_s = await until_ready(replica, ready=True, deadline_s=READY_S)
    await patching
    rest_s = await at_rest(platform, DRAINED_S, load.service)
    ledger = settle(await gather(platform, load.asked, service=load.service))
    report(
        f"processor while away, 20 requests/s: {share:.1%}\nnot ready after {away_s:.1f} s, "
        f"ready after {back_s:.1f} s, drained after {rest_s:.1f} s\nHTTP: {dict(load.answers)}, "
        f"p95 {p95(load.try_s) * 1000:.0f} ms, slowest {max(load.try_s):.2f} s\n{ledger.summary()}"
    )
    assert ledger.clean, ledger.summary()
    assert set(load.answers) == {httpx.codes.OK}
    assert max(load.try_s) < ANSWER_S


@each_service_in_full
async def test_started_before_its_dependencies(
    subject: type[Subject], start_platform: StartPlatform, report: Report
) -> None:
    platform = await start_platform((subject.SERVICE,))
    replica = platform.replica(subject.SERVICE)
    load = await Load.on(subject(platform), ACCOUNTS)
    replica.kill()
    servers = platform.settings.servers
    async with broker_away(servers, frozen=False):
        async with mongod_away(servers, frozen=False):
            replica.start()
            await until_ready(replica, ready=False, deadline_s=READY_S * 2)
            await asyncio.sleep(3)
            assert await is_alive(replica)
        await asyncio.sleep(2)
        await until_ready(replica, ready=False, deadline_s=READY_S)
        assert replica.running
    up_s = await until_ready(replica, ready=True, deadline_s=RECOVERED_S)
    await load.publish(publishers=2, commands=100, per_second=200)
    await at_rest(platform, RECOVERED_S, load.service)
    ledger = settle(await gather(platform, load.asked, service=load.service))
    report(f"up {up_s:.1f} s after its broker\n{ledger.summary()}")
    assert ledger.clean, ledger.summary()
