"""The same message again: from another partition owner, at another door, at the same moment."""

import asyncio

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from shared.contracts.identity import SERVICE
from shared.contracts.identity_commands import COMMANDS
from shared.ids import derive_id, draw_id
from tests.faults.conftest import Report
from tests.faults.evidence import gather
from tests.faults.ledger import settle
from tests.faults.load import AGENT, Load, form_of, modified
from tests.faults.mode import pick
from tests.faults.test_outages import at_rest
from tests.harness.fixtures import StartPlatform
from tests.harness.platform import Platform
from tests.harness.replica import Replica
from tests.harness.topics import Outgoing

ACCOUNTS = 50
COMMANDS_SENT = pick(short=300, full=2_000)
REQUESTS = 60
AT_REST_S = 30.0

pytestmark = [pytest.mark.timeout(180), pytest.mark.apache]


async def test_each_command_three_times_over_a_rebalance(
    start_platform: StartPlatform, report: Report
) -> None:
    """At once, after a second, and when its partition has changed hands (G-02)."""
    platform = await start_platform((SERVICE,), replicas={SERVICE: 2})
    load = await Load.on(platform, ACCOUNTS)
    await load.publish(publishers=10, commands=COMMANDS_SENT, per_second=1_000)
    sent = [
        Outgoing(platform.topic(COMMANDS), record.key, record.headers, record.value)
        for record in await platform.read(COMMANDS)
    ]
    await platform.publish(sent)
    await asyncio.sleep(1)
    third = platform.new_replica(SERVICE)
    third.start()
    await third.wait_ready()
    await platform.publish(sent)
    await at_rest(platform, AT_REST_S)
    ledger = settle(await gather(platform, load.asked))
    known = sum([await _known(replica) for replica in platform.replicas()])
    report(f"repeats that the inbox knew: {known:.0f}\n{ledger.summary()}")
    assert ledger.clean, ledger.summary()
    assert known >= 2 * COMMANDS_SENT


async def test_one_request_at_two_replicas_at_once(
    start_platform: StartPlatform, report: Report
) -> None:
    """A double click, or a proxy that tries again: one key, two processes, one effect."""
    platform = await start_platform((SERVICE,), replicas={SERVICE: 2})
    load = await Load.on(platform, ACCOUNTS)
    statuses: list[int] = []
    for number in range(REQUESTS):
        user_id, telephone = load.accounts[number % ACCOUNTS], f"05{number:08}"
        key, path = draw_id(), f"/users/{user_id}"
        statuses += await _at_both(platform, load, path, key, form_of(telephone))
        inbox_id = derive_id("http", f"PATCH {path}", AGENT.kind, AGENT.id, key)
        load.asked.append(modified(inbox_id, inbox_id, user_id, telephone))
    await at_rest(platform, AT_REST_S)
    ledger = settle(await gather(platform, load.asked))
    report(f"answers: { {status: statuses.count(status) for status in set(statuses)} }")
    assert ledger.clean, ledger.summary()
    assert set(statuses) == {httpx.codes.OK}, "both get the one answer, whichever did the work"


async def _at_both(
    platform: Platform, load: Load, path: str, key: str, body: dict[str, str]
) -> list[int]:
    headers = {"Authorization": f"Bearer {load.session}", "Idempotency-Key": key}
    async with httpx.AsyncClient(timeout=15) as http:
        answers = await asyncio.gather(
            *(
                http.patch(f"{replica.url}{path}", json=body, headers=headers)
                for replica in platform.replicas()
            )
        )
    return [answer.status_code for answer in answers]


async def _known(replica: Replica) -> float:
    async with httpx.AsyncClient() as http:
        text = (await http.get(f"{replica.url}/metrics")).text
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "mcp_messages_handled_total" and sample.labels["outcome"] == "known"
    )
