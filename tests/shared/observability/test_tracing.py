"""Traces are optional, and cost nothing when they have nowhere to go."""

import subprocess
import sys

from shared.observability.tracing import kafka_middlewares
from tests.harness.polling import eventually
from tests.shared.in_process import Here
from tests.shared.tiny import (
    COMMANDS,
    COUNTERS,
    KEYS,
    SERVICE,
    AddToCounter,
    CounterMoved,
    commands_of,
)

DEADLINE_S = 20
PARENT = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"


def test_without_an_endpoint_there_is_no_middleware_and_no_sdk_in_memory():
    assert kafka_middlewares("tiny", None) == []
    program = "import sys, shared.runtime; print('opentelemetry.sdk.trace' in sys.modules)"
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


async def test_a_fact_carries_on_the_trace_of_its_command(here: Here):
    (record,) = commands_of(
        KEYS, here.topic(COMMANDS), {"m1": AddToCounter(counter_id="c1", amount=1)}
    )
    traced = type(record)(
        record.topic, record.key, (*record.headers, ("traceparent", PARENT.encode())), record.value
    )
    async with here.running():
        await here.publish([traced])
        follower = await here.follow(COUNTERS)
        fact = await follower.wait_for(
            lambda each: each.header("ce_type") == CounterMoved.TYPE, DEADLINE_S
        )
    assert fact.header("traceparent") == PARENT


async def test_traces_that_go_nowhere_stop_nothing(here: Here):
    service = here.service(settings={"otlp_endpoint": "http://127.0.0.1:9"})
    async with here.running(service):
        await here.ask({"m1": AddToCounter(counter_id="c1", amount=1)})
        counters = here.database(SERVICE)["counters"]
        await eventually(lambda: counters.find_one({"total": 1}), DEADLINE_S, "decided")
        await eventually(here.no_lag, DEADLINE_S, "offsets committed")
