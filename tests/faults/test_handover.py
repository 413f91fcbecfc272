"""One of two replicas stops or dies under load: the other takes its work over, in time."""

import asyncio
import os
import signal
import time

import httpx
import pytest

from shared.contracts.identity import SERVICE
from tests.faults.accounts import Accounts
from tests.faults.conftest import Report
from tests.faults.crashing import CRASH_AT
from tests.faults.evidence import gather
from tests.faults.ledger import settle
from tests.faults.load import Load
from tests.faults.mode import FULL, pick
from tests.faults.test_outages import at_rest
from tests.faults.watching import delays_s, p95
from tests.harness.fixtures import StartPlatform
from tests.harness.polling import eventually

ACCOUNTS = 120
PER_SECOND = 100.0
LOAD_S = pick(short=14.0, full=60.0)
STOP_S = 20.0
TAKEN_OVER_S = 15.0
HANDED_OVER_S = 5.0
"""3 s (G-08), and what a busy machine adds (assumed)."""
FATAL = pick(
    short=["before_commit"], full=["anywhere", "before_commit", "before_delete", "in_stop"]
)
FREEZES = pick(short=1, full=8)
FROZEN_S, THAWED_S = 9.0, 4.0
"""Longer than the session of 6 s."""
HASHES = pick(short=300, full=2_000)
HOT_ACCOUNTS = 40
HOT_S = pick(short=8.0, full=60.0)
HOT_BY_TOPIC, HOT_BY_HTTP = 200.0, 50.0
HOT_P95_S = 1.0

pytestmark = [pytest.mark.timeout(pick(short=180, full=400)), pytest.mark.apache]
"""The embedded broker's groups take their time, whoever joins or leaves them."""


async def test_clean_stop_under_load(start_platform: StartPlatform, report: Report) -> None:
    platform = await start_platform((SERVICE,), replicas={SERVICE: 2})
    load = await Load.on(Accounts(platform), ACCOUNTS)
    working = asyncio.gather(
        load.publish(publishers=10, commands=int(PER_SECOND * LOAD_S), per_second=PER_SECOND),
        load.patch(clients=8, commands=int(10 * LOAD_S), per_second=10.0),
    )
    await asyncio.sleep(LOAD_S / 2)
    ended = await platform.terminate(SERVICE, 1)
    await working
    await at_rest(platform, TAKEN_OVER_S)
    delays = await delays_s(platform)
    ledger = settle(await gather(platform, load.asked))
    report(
        f"exit {ended.exit_code} after {ended.seconds:.1f} s; slowest command {max(delays):.1f} s\n"
        f"HTTP: {dict(load.answers)}\n{ledger.summary()}"
    )
    assert ledger.clean, ledger.summary()
    assert ended.exit_code == 0
    assert ended.seconds <= STOP_S
    assert max(delays) <= HANDED_OVER_S


@pytest.mark.parametrize("point", FATAL)
async def test_killed_one_of_two(start_platform: StartPlatform, report: Report, point: str) -> None:
    """`before_commit` is the worst of places: the transaction of the dead still holds its locks."""
    platform = await start_platform((SERVICE,), replicas={SERVICE: 1})
    fatal = platform.new_replica(SERVICE, ("tests.faults.crashing", SERVICE))
    fatal.environment[CRASH_AT] = {
        "anywhere": "",
        "in_stop": "in_stop:1",
        "before_commit": "before_commit:30",
        "before_delete": "before_delete:30",
    }[point]
    fatal.start()
    await fatal.wait_ready()
    load = await Load.on(Accounts(platform), ACCOUNTS)
    working = asyncio.gather(
        load.publish(publishers=10, commands=int(PER_SECOND * LOAD_S), per_second=PER_SECOND),
        load.patch(clients=8, commands=int(10 * LOAD_S), per_second=10.0),
    )
    await asyncio.sleep(LOAD_S / 3)
    if point == "anywhere":
        fatal.kill()
    if point == "in_stop":
        fatal.process.send(signal.SIGTERM)
    await eventually(lambda: not fatal.running, LOAD_S, f"dead {point}")
    assert fatal.process.exit_code == -signal.SIGKILL
    killed = time.monotonic()
    await working
    await at_rest(platform, TAKEN_OVER_S + 10)
    over_s = time.monotonic() - killed
    delays = await delays_s(platform)
    ledger = settle(await gather(platform, load.asked))
    report(
        f"slowest command {max(delays):.1f} s, p95 {p95(delays):.2f} s, slowest HTTP command "
        f"{max(load.answer_s):.1f} s, over {over_s:.1f} s after the kill\n"
        f"HTTP: {dict(load.answers)}\n{ledger.summary()}"
    )
    assert ledger.clean, ledger.summary()
    assert max(delays) <= TAKEN_OVER_S
    assert max(load.answer_s) <= TAKEN_OVER_S


async def test_replica_frozen_past_its_session_comes_back_as_a_zombie(
    start_platform: StartPlatform, report: Report
) -> None:
    """Its partitions are taken over while it holds a poll, a transaction, rows on their way."""
    platform = await start_platform((SERVICE,), replicas={SERVICE: 2})
    load = await Load.on(Accounts(platform), ACCOUNTS)
    seconds = FREEZES * (FROZEN_S + THAWED_S)
    working = asyncio.gather(
        load.publish(
            publishers=10,
            commands=int(PER_SECOND * seconds),
            per_second=PER_SECOND,
            varied=True,
        ),
        load.patch(clients=8, commands=int(10 * seconds), per_second=10.0),
    )
    for number in range(FREEZES):
        await asyncio.sleep(THAWED_S)
        pid = platform.replica(SERVICE, number % 2).pid
        os.kill(pid, signal.SIGSTOP)
        await asyncio.sleep(FROZEN_S)
        os.kill(pid, signal.SIGCONT)
    await working
    await at_rest(platform, TAKEN_OVER_S)
    delays = await delays_s(platform)
    ledger = settle(await gather(platform, load.asked))
    report(
        f"{FREEZES} freezes of {FROZEN_S} s; slowest command {max(delays):.1f} s\n"
        f"HTTP: {dict(load.answers)}\n{ledger.summary()}"
    )
    assert ledger.clean, ledger.summary()


async def test_clean_stop_in_a_storm_of_hashes(
    start_platform: StartPlatform, report: Report
) -> None:
    """Opening an account takes a core 20 ms: a poll of them is seconds of work in threads."""
    platform = await start_platform((SERVICE,))
    load = await Load.on(Accounts(platform), 1)
    platform.kill(SERVICE)
    await load.create(publishers=10, commands=HASHES, per_second=5_000)
    await platform.restart(SERVICE)
    comptes = platform.database(SERVICE)["comptes"]
    before = comptes.count_documents({})
    ended = await platform.terminate(SERVICE)
    assert before < HASHES, "in the middle of the storm"
    await platform.restart(SERVICE)
    await at_rest(platform, 120.0)
    ledger = settle(await gather(platform, load.asked))
    report(f"exit {ended.exit_code} after {ended.seconds:.1f} s\n{ledger.summary()}")
    assert ledger.clean, ledger.summary()
    assert ended.exit_code == 0
    assert ended.seconds <= STOP_S


async def test_hot_accounts_written_from_both_doors(
    start_platform: StartPlatform, report: Report
) -> None:
    platform = await start_platform((SERVICE,), replicas={SERVICE: 2})
    load = await Load.on(Accounts(platform), HOT_ACCOUNTS)
    started = time.monotonic()
    await asyncio.gather(
        load.publish(publishers=10, commands=int(HOT_BY_TOPIC * HOT_S), per_second=HOT_BY_TOPIC),
        load.patch(clients=32, commands=int(HOT_BY_HTTP * HOT_S), per_second=HOT_BY_HTTP),
    )
    loaded_s = time.monotonic() - started
    rest_s = await at_rest(platform, 30.0)
    delays = await delays_s(platform)
    ledger = settle(await gather(platform, load.asked))
    report(
        f"HTTP p95 {p95(load.answer_s) * 1000:.0f} ms, by topic p95 {p95(delays) * 1000:.0f} ms, "
        f"load took {loaded_s:.1f} s for {HOT_S:.0f} s, at rest {rest_s:.1f} s after\n"
        f"HTTP: {dict(load.answers)}\n{ledger.summary()}"
    )
    assert ledger.clean, ledger.summary()
    assert load.answers[httpx.codes.OK] == int(HOT_BY_HTTP * HOT_S)
    if FULL:
        assert p95(load.answer_s) <= HOT_P95_S
