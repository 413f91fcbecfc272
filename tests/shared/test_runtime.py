"""A whole process of a service: started, driven by its topics, stopped cleanly."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from deploy.local.embedded_broker import EmbeddedBroker
from deploy.local.servers import Servers
from shared.contracts.topics import dead_letters_topic
from shared.path.decision import Decision, UseCase
from shared.runtime import Runtime
from shared.security.principal import service_principal
from shared.service import Service
from tests.harness.polling import eventually
from tests.harness.topics import Outgoing
from tests.shared.in_process import Here
from tests.shared.tiny import (
    ADD,
    COMMANDS,
    COUNTERS,
    SERVICE,
    AddToCounter,
    CounterMoved,
)

DEADLINE_S = 20
ITSELF = service_principal(SERVICE)


def five() -> AddToCounter:
    return AddToCounter(counter_id="c1", amount=5)


async def test_a_command_becomes_a_fact_a_document_and_a_committed_offset(here: Here):
    async with here.running() as runtime:
        follower = await here.follow(COUNTERS)
        await here.ask({"m1": five()})
        fact = await follower.wait_for(
            lambda record: record.header("ce_type") == CounterMoved.TYPE, DEADLINE_S
        )
        assert fact.json() == {"counter_id": "c1", "total": 5}
        assert fact.header("ce_causationid") == "m1"
        await eventually(lambda: here.no_lag(COMMANDS), DEADLINE_S, "offsets committed")
        database = here.database(SERVICE)
        assert database["counters"].count_documents({"total": 5}) == 1
        await eventually(
            lambda: database["outbox"].count_documents({}) == 0, DEADLINE_S, "outbox empty"
        )
        seen = database["counters_seen"]
        await eventually(lambda: seen.find_one({"_id": "c1"}), DEADLINE_S, "projected")
    assert not runtime._failed.is_set()


async def test_an_internal_command_goes_through_the_same_inbox_and_commit(here: Here):
    async with here.running() as runtime:
        for first in (True, False):
            outcome = await runtime.decide(ADD, five(), principal=ITSELF, message_id="internal-1")
            assert (outcome.status, outcome.first) == ("done", first)
        await eventually(lambda: here.read(COUNTERS), DEADLINE_S, "told")
        assert here.database(SERVICE)["counters"].count_documents({"total": 5}) == 1


async def test_what_an_operators_process_decides_is_published_by_those_that_run(here: Here):
    operator = Runtime(here.service())
    async with here.running():
        await operator.decide_alone(ADD, five(), principal=ITSELF, message_id="operator-1")
        operator.store.close()
        await eventually(lambda: here.read(COUNTERS), DEADLINE_S, "swept")


async def test_the_limit_of_dead_letters_stops_consumption_and_not_the_process(here: Here):
    service = here.service(settings={"dead_letter_limit": 3})
    async with here.running(service) as runtime:
        bad = [Outgoing(here.topic(COMMANDS), b"c1", (), b"{") for _ in range(3)]
        await here.publish(bad)
        await eventually(lambda: runtime.limit.reached, DEADLINE_S, "limit reached")
        await eventually(lambda: not runtime._consumers(), DEADLINE_S, "consumption stopped")
        await here.ask({"m1": five()})
        assert runtime.health.checks()["dead_letters"] is False
        assert not runtime._failed.is_set()
        assert len(await here.read(dead_letters_topic(SERVICE))) == 3
    assert here.database(SERVICE)["counters"].count_documents({}) == 0
    async with here.running(service):  # an operator looked, and restarts it
        counters = here.database(SERVICE)["counters"]
        await eventually(lambda: counters.find_one({"total": 5}), DEADLINE_S, "goes on")


async def test_a_service_waits_at_its_start_for_a_broker_that_is_away(here: Here, servers: Servers):
    if not isinstance(servers.broker, EmbeddedBroker):
        pytest.skip("only the embedded broker goes away on demand")
    servers.broker.take_down()
    runtime = Runtime(here.service())
    running = asyncio.create_task(runtime.run())
    try:
        counters = here.database(SERVICE)["migrations"]
        await eventually(lambda: counters.count_documents({"done": True}), DEADLINE_S, "store")
        assert not runtime.health.started
        servers.broker.bring_up()
        await eventually(lambda: runtime.health.started, DEADLINE_S, "started")
    finally:
        runtime._stop_asked.set()
        await asyncio.wait({running})
    assert running.result() == 0


async def test_a_part_that_dies_stops_the_process_with_an_error(here: Here):
    async def die(_: Runtime) -> None:
        raise ValueError("a bug")

    async def end(_: Runtime) -> None:
        return

    for part in (die, end):
        runtime = Runtime(here.service(background=(part,)))
        async with asyncio.timeout(DEADLINE_S):
            assert await runtime.run() == 1


async def test_a_clean_stop_ends_what_is_in_hand(here: Here):
    """Commands under way are decided, published and acknowledged; nothing is left for others."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(*_: Any) -> None:
        begun.set()
        await go_on.wait()

    use_case = UseCase[AddToCounter, None](
        message=AddToCounter, keys=ADD.keys, decide=ADD.decide, prepare=slow
    )
    async with here.running(here.service(commands=(use_case,))) as runtime:
        await here.ask({"m1": five()})
        await asyncio.wait_for(begun.wait(), DEADLINE_S)
        runtime._stop_asked.set()
        await eventually(lambda: runtime.health.stopping, DEADLINE_S, "stopping")
        go_on.set()
    database = here.database(SERVICE)
    assert database["counters"].count_documents({"total": 5}) == 1
    assert database["outbox"].count_documents({}) == 0
    assert await here.no_lag()


async def test_the_clock_of_a_running_process_moves_with_its_document(here: Here):
    seen: list[timedelta] = []

    def decide(request: Any, state: Any) -> Decision:
        seen.append(request.now - runtime.clock.real_now())
        return ADD.decide(request, state)

    use_case = UseCase[AddToCounter, None](message=AddToCounter, keys=ADD.keys, decide=decide)
    service: Service = here.service(commands=(use_case,))
    async with here.running(service) as runtime:
        here.database(SERVICE)["clock"].insert_one({"_id": "offset", "seconds": 3_600})
        hour = timedelta(hours=1)
        await eventually(lambda: runtime.clock.offset == hour, DEADLINE_S, "clock moved")
        await runtime.decide(use_case, five(), principal=ITSELF, message_id="m1")
    assert abs(seen[0] - hour) < timedelta(seconds=5)


async def test_the_clock_never_moves_in_production(here: Here):
    service = here.service(settings={"environment": "production"})
    async with here.running(service) as runtime:
        here.database(SERVICE)["clock"].insert_one({"_id": "offset", "seconds": 3_600})
        await here.ask({"m1": five()})
        counters = here.database(SERVICE)["counters"]
        await eventually(lambda: counters.find_one({"total": 5}), DEADLINE_S, "decided")
        assert runtime.clock.offset == timedelta(0)
