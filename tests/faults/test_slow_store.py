"""A store too slow for a full group: groups shrink until they fit their deadline."""

import pytest

from shared.contracts.identity import SERVICE
from tests.faults.accounts import Accounts
from tests.faults.conftest import Report
from tests.faults.evidence import gather
from tests.faults.ledger import settle
from tests.faults.load import Load
from tests.faults.test_outages import at_rest
from tests.harness.fixtures import StartPlatform

COMMANDS = 1_500
DEADLINE_S = 0.03
"""A group of 500 takes some 200 ms here, one of ten some 10 ms."""


@pytest.mark.timeout(120)
async def test_group_that_misses_its_deadline_is_made_smaller(
    start_platform: StartPlatform, report: Report
) -> None:
    platform = await start_platform(
        (SERVICE,), environment={SERVICE: {"IDENTITY_GROUP_DEADLINE_S": str(DEADLINE_S)}}
    )
    load = await Load.on(Accounts(platform), COMMANDS)
    platform.kill(SERVICE)
    await load.publish(publishers=10, commands=COMMANDS, per_second=5_000)
    await platform.restart(SERVICE)
    rest_s = await at_rest(platform, 40.0)
    ledger = settle(await gather(platform, load.asked))
    lines = platform.replica(SERVICE).log_lines()
    missed = [line["error"] for line in lines if line["event"] == "store_unavailable"]
    report(f"at rest after {rest_s:.1f} s\nmissed: {missed}\n{ledger.summary()}")
    assert ledger.clean, ledger.summary()
