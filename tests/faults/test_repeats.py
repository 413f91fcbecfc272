"""The same message again: from another partition owner, at another door, at the same moment."""

import asyncio

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from shared.contracts.topics import commands_topic
from shared.ids import draw_id
from tests.faults.conftest import Report
from tests.faults.evidence import gather
from tests.faults.ledger import settle
from tests.faults.load import Load, due_of_request
from tests.faults.mode import pick
from tests.faults.subject import HttpRequest, Subject
from tests.faults.subjects import each_service, each_service_in_full
from tests.faults.test_outages import at_rest
from tests.harness.fixtures import StartPlatform
from tests.harness.replica import Replica
from tests.harness.topics import Outgoing

ACCOUNTS = 50
COMMANDS_SENT = pick(short=300, full=2_000)
REQUESTS = 60
AT_REST_S = 30.0

pytestmark = [pytest.mark.timeout(180), pytest.mark.apache]


@each_service
async def test_each_command_three_times_over_a_rebalance(
    subject: type[Subject], start_platform: StartPlatform, report: Report
) -> None:
    """At once, after a second, and when its partition has changed hands (G-02)."""
    platform = await start_platform((subject.SERVICE,), replicas={subject.SERVICE: 2})
    load = await Load.on(subject(platform), ACCOUNTS)
    await load.publish(publishers=10, commands=COMMANDS_SENT, per_second=1_000)
    commands = commands_topic(load.service)
    sent = [
        Outgoing(platform.topic(commands), record.key, record.headers, record.value)
        for record in await platform.read(commands)
    ]
    await platform.publish(sent)
    await asyncio.sleep(1)
    third = platform.new_replica(load.service)
    third.start()
    await third.wait_ready()
    await platform.publish(sent)
    await at_rest(platform, AT_REST_S, load.service)
    ledger = settle(await gather(platform, load.asked, service=load.service))
    known = sum([await _known(replica) for replica in platform.replicas()])
    report(f"repeats that the inbox knew: {known:.0f}\n{ledger.summary()}")
    assert ledger.clean, ledger.summary()
    assert known >= 2 * COMMANDS_SENT


@each_service_in_full
async def test_one_request_at_two_replicas_at_once(
    subject: type[Subject], start_platform: StartPlatform, report: Report
) -> None:
    """A double click, or a proxy that tries again: one key, two processes, one effect."""
    platform = await start_platform((subject.SERVICE,), replicas={subject.SERVICE: 2})
    load = await Load.on(subject(platform), ACCOUNTS)
    statuses: list[int] = []
    for number in range(REQUESTS):
        request, key = load.subject.request(number), draw_id()
        statuses += await _at_both(load, request, key)
        load.asked.append(due_of_request(request, key))
    await at_rest(platform, AT_REST_S, load.service)
    ledger = settle(await gather(platform, load.asked, service=load.service))
    report(f"answers: { {status: statuses.count(status) for status in set(statuses)} }")
    assert ledger.clean, ledger.summary()
    assert set(statuses) == {httpx.codes.OK}, "both get the one answer, whichever did the work"


async def _at_both(load: Load, request: HttpRequest, key: str) -> list[int]:
    async with httpx.AsyncClient(timeout=15) as http:
        answers = await asyncio.gather(
            *(
                http.patch(
                    f"{replica.url}{request.path}", json=request.body, headers=load.headers(key)
                )
                for replica in load.platform.replicas()
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
