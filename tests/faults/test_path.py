"""Whatever is killed, whenever: one effect each, nothing lost, nothing out of order."""

import asyncio
import time

import pytest

from deploy.local.servers import Servers
from tests.faults.chaos import Chaos
from tests.faults.conftest import Report
from tests.faults.crashing import CRASH_AT
from tests.faults.evidence import gather, lags_of
from tests.faults.ledger import settle
from tests.faults.load import Load
from tests.faults.mode import pick
from tests.faults.subject import Subject
from tests.faults.subjects import each_service
from tests.harness.fixtures import StartPlatform
from tests.harness.platform import Platform
from tests.harness.polling import eventually

COMMANDS = pick(short=1_500, full=10_000)
PATCHES = COMMANDS // 5
ACCOUNTS = pick(short=120, full=300)
PUBLISHERS = pick(short=25, full=100)
PER_SECOND = pick(short=75.0, full=100.0)
KILL_EVERY_S = pick(short=(8.0, 16.0), full=(6.0, 14.0))
SERVER_FAULTS = pick(short=1, full=4)
QUIET_S = 30.0
QUIET_EMBEDDED_S = 90.0
"""The mock's groups take tens of seconds to agree again after several kills: not what is tested."""
REPLICAS, REPLICAS_EMBEDDED = 2, 1
"""The mock does not balance two members of the groups of a service within the time of a start."""
POINTS = (
    "before_commit",
    "after_commit",
    "mid_send",
    "after_send",
    "before_delete",
    "before_offset_commit",
    "in_rebalance",
)
SHARE = pick(short=0.03, full=0.02)
"""Of the passages of each point that kill; a replica passes each some twenty times a second."""


@each_service
@pytest.mark.timeout(pick(short=240, full=900))
async def test_killed_anywhere_at_any_moment(
    subject: type[Subject], servers: Servers, start_platform: StartPlatform, report: Report
) -> None:
    """Two replicas on a real broker; one on the embedded one, see REPLICAS_EMBEDDED."""
    service = subject.SERVICE
    embedded = servers.kind == "embedded"
    platform = await start_platform(
        (service,),
        replicas={service: REPLICAS_EMBEDDED if embedded else REPLICAS},
        modules={service: ("tests.faults.crashing", service)},
    )
    load = await Load.on(subject(platform), ACCOUNTS)
    for replica in platform.replicas():
        replica.environment[CRASH_AT] = ",".join(f"{point}:{SHARE}" for point in POINTS)
        replica.kill()
    chaos = Chaos(platform.settings.servers, platform.replicas())
    async with chaos.restarting(), chaos.killing_replicas(KILL_EVERY_S):
        await asyncio.gather(
            load.publish(
                publishers=PUBLISHERS, commands=COMMANDS, per_second=PER_SECOND, varied=True
            ),
            load.patch(clients=16, commands=PATCHES, per_second=PER_SECOND / 5),
            _break_servers(chaos),
        )
    chaos.count_crashes()
    calm_s = await come_to_rest(platform, service)
    ledger = settle(await gather(platform, load.asked, service=service))
    report(f"kills: {dict(chaos.kills)}\nquiet after: {calm_s:.1f} s\n{ledger.summary()}")
    assert len(load.asked) == COMMANDS + PATCHES
    assert ledger.clean, ledger.summary()


async def _break_servers(chaos: Chaos) -> None:
    """Kill mongod and Kafka in turn, spread over the load."""
    pause_s = COMMANDS / PER_SECOND / (2 * SERVER_FAULTS + 1)
    for _ in range(SERVER_FAULTS):
        await asyncio.sleep(pause_s)
        await chaos.kill_mongod()
        await asyncio.sleep(pause_s)
        await chaos.restart_kafka()


async def come_to_rest(platform: Platform, service: str) -> float:
    """Replace every replica by one that does not crash; seconds until nothing waits any more."""
    for replica in platform.replicas():
        replica.kill()
        replica.environment.pop(CRASH_AT, None)
        replica.start()
    started = time.monotonic()
    outbox = platform.database(service)["outbox"]

    async def at_rest() -> bool:
        if outbox.count_documents({}):
            return False
        return not any((await lags_of(platform, service)).values())

    embedded = platform.settings.servers.kind == "embedded"
    deadline_s = QUIET_EMBEDDED_S if embedded else QUIET_S
    await eventually(at_rest, deadline_s, "outbox empty, lag 0")
    return time.monotonic() - started
