"""The traps of the libraries that this path stands on, each a regression test.

F1 to F9 are those found first; the others are what the framework does not do for us. What is not
here is beside what it guards: `tests/shared/RULES.md` says where.
"""

import asyncio
import itertools
import os
import signal
from collections.abc import Iterable
from typing import Any

import pytest

from deploy.local.servers import Servers
from shared.contracts.topics import dead_letters_topic
from shared.kafka import broker as factory
from shared.kafka.broker import Record
from shared.path.decision import Decision, Request, State, UseCase
from tests.harness.fixtures import StartPlatform
from tests.harness.polling import eventually
from tests.harness.topics import Outgoing
from tests.shared.in_process import Here
from tests.shared.kafka.polling import fill, make_topic, numbered, subscribed
from tests.shared.tiny import (
    ADD,
    COMMANDS,
    COUNTERS,
    KEYS,
    MODULES,
    SERVICE,
    TOPICS,
    AddToCounter,
    CounterMoved,
    commands_of,
    fact_of,
)

DEADLINE_S = 20
DEAD_LETTERS = dead_letters_topic(SERVICE)


def adding(decide: Any) -> UseCase[AddToCounter, None]:
    """`AddToCounter` decided otherwise."""
    return UseCase[AddToCounter, None](message=AddToCounter, keys=ADD.keys, decide=decide)


async def reasons(here: Here) -> list[str]:
    return sorted(record.header("dl_reason") or "" for record in await here.read(DEAD_LETTERS))


# -- F1: acknowledged before the work -------------------------------------------------------------


async def test_f1_a_process_killed_before_its_commit_gets_the_record_again(
    start_platform: StartPlatform, servers: Servers
):
    if servers.mongod is None:
        pytest.skip("the mongod is not ours to stop")
    servers.mongod.limit_transactions(1)  # what the process leaves behind ends soon
    platform = await start_platform(
        (SERVICE,),
        modules=MODULES,
        topics=TOPICS,
        environment={SERVICE: {"TINY_GROUP_DEADLINE_S": "0.3"}},
    )
    process = platform.replica(SERVICE)
    os.kill(servers.mongod.process.pid, signal.SIGSTOP)
    try:
        asked = {"m1": AddToCounter(counter_id="c1", amount=5)}
        await platform.publish(commands_of(platform.settings.keys, platform.topic(COMMANDS), asked))

        def in_hand() -> bool:
            return any(line.get("event") == "store_unavailable" for line in process.log_lines())

        await eventually(in_hand, DEADLINE_S, "the record is in hand, its commit is not through")
        process.kill()
    finally:
        os.kill(servers.mongod.process.pid, signal.SIGCONT)
    counters = platform.database(SERVICE)["counters"]
    assert counters.count_documents({}) == 0
    await platform.restart(SERVICE)
    await eventually(lambda: counters.find_one({"_id": "c1", "total": 5}), DEADLINE_S, "effect")


# -- F2: a failing record in a hot loop -----------------------------------------------------------


async def test_f2_a_failing_record_is_tried_twice_and_the_next_of_its_partition_runs(here: Here):
    tried: list[str] = []

    def decide(request: Request[AddToCounter, None], state: State) -> Decision:
        tried.append(request.id)
        if request.id == "bad":
            raise ValueError("a bug")
        return ADD.decide(request, state)

    async with here.running(here.service(commands=(adding(decide),))):
        same = {id: AddToCounter(counter_id="c1", amount=1) for id in ("m1", "bad", "m2")}
        await here.ask(same)
        counters = here.database(SERVICE)["counters"]
        await eventually(lambda: counters.find_one({"total": 2}), DEADLINE_S, "both good ones")
        await eventually(here.no_lag, DEADLINE_S, "offsets committed")
        assert await reasons(here) == ["bug"]
    assert tried.count("bad") <= 4  # with its group, with half of it, alone, once more


async def test_f2_a_poll_that_fails_is_read_again_after_a_pause(
    servers: Servers, prefix: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(factory, "PAUSE_S", 0.25)
    topic = f"{prefix}failing"
    await make_topic(servers, topic, 1)
    await fill(servers, numbered(topic, 1, 3))
    times: list[float] = []

    async def handle(_: list[Record]) -> None:
        times.append(asyncio.get_running_loop().time())
        raise ValueError("always")

    async with subscribed(servers, topic, handle):
        await eventually(lambda: len(times) >= 4, DEADLINE_S, "some polls")
    assert min(after - before for before, after in itertools.pairwise(times)) >= 0.25


# -- F4: a batch of several partitions, not acknowledged ------------------------------------------


async def test_f4_a_nacked_batch_over_four_partitions_loses_none_of_forty_records(
    servers: Servers, prefix: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(factory, "PAUSE_S", 0.0)
    topic = f"{prefix}forty"
    await make_topic(servers, topic, 4)
    await fill(servers, numbered(topic, 4, 10))
    handled: list[tuple[int, int]] = []
    nacked: set[int] = set()

    async def handle(records: list[Record]) -> None:
        partitions = {record.partition for record in records}
        if len(nacked) < 4:
            nacked.update(partitions)
            raise ValueError("not yet")
        handled.extend((record.partition, record.offset) for record in records)

    async with subscribed(servers, topic, handle):
        await eventually(lambda: len(set(handled)) == 40, DEADLINE_S, "all forty")
    for partition in range(4):
        offsets = [offset for of, offset in handled if of == partition]
        assert offsets == list(range(10))


# -- F5: answers to whom the sender names ---------------------------------------------------------


async def test_f5_nothing_is_published_where_a_reply_to_header_says(here: Here):
    elsewhere = here.topic(DEAD_LETTERS).encode()
    async with here.running():
        (record,) = commands_of(
            KEYS, here.topic(COMMANDS), {"m1": AddToCounter(counter_id="c1", amount=1)}
        )
        forged = ("reply_to", elsewhere), ("correlation_id", b"x")
        asked = Outgoing(record.topic, record.key, (*record.headers, *forged), record.value)
        await here.publish([asked])
        counters = here.database(SERVICE)["counters"]
        await eventually(lambda: counters.find_one({"total": 1}), DEADLINE_S, "accepted")
        await eventually(here.no_lag, DEADLINE_S, "offsets committed")
        assert await here.read(DEAD_LETTERS) == []


# -- F6: payloads in logs -------------------------------------------------------------------------


async def test_f6_no_log_line_holds_what_a_refused_message_said(start_platform: StartPlatform):
    platform = await start_platform((SERVICE,), modules=MODULES, topics=TOPICS)
    canary = "canari-7c1e"
    topic = platform.topic(COMMANDS)
    (good,) = commands_of(
        platform.settings.keys, topic, {"m1": AddToCounter(counter_id="c1", amount=1)}
    )
    bodies = (
        f'{{"counter_id": "{canary}',
        f'{{"counter_id": "{canary}", "amount": "{canary}"}}',
        f'{{"counter_id": "c1", "amount": 1, "{canary}": NaN}}',
        f'"{canary}"',
    )
    records = [Outgoing(topic, b"c1", good.headers, body.encode()) for body in bodies]
    records += [
        Outgoing(topic, b"c1", (("x", f"{canary}".encode() + b"\xff"),), b"{}"),
        Outgoing(topic, canary.encode(), (("authorization", canary.encode()),), canary.encode()),
        Outgoing(
            topic,
            canary.encode(),
            tuple(
                (name, canary.encode() if name == "authorization" else value)
                for name, value in good.headers
            ),
            good.value,
        ),
        good,
    ]
    await platform.publish(records)
    counters = platform.database(SERVICE)["counters"]
    await eventually(lambda: counters.find_one({"total": 1}), DEADLINE_S, "the good one")
    await eventually(
        lambda: platform.database(SERVICE)["inbox"].count_documents({}) == len(records),
        DEADLINE_S,
        "all of them",
    )
    log = platform.replica(SERVICE).process.log.read_text()
    assert "started" in log
    assert canary not in log


# -- what the framework does not do for us --------------------------------------------------------


async def test_a_dead_letter_that_cannot_be_sent_keeps_its_record(here: Here):
    """The framework would acknowledge what a middleware swallows, were the dead letter lost."""
    unsent: Any = asyncio.Event()

    async with here.running() as runtime:
        publish = runtime.producer.publish

        async def refuse(rows: Iterable[Any]) -> set[str]:
            if unsent.is_set():
                return await publish(list(rows))
            return set()

        runtime.producer.publish = refuse  # type: ignore[method-assign]
        await here.publish([Outgoing(here.topic(COMMANDS), b"c1", (), b"{")])
        outbox = here.database(SERVICE)["outbox"]
        await eventually(lambda: outbox.count_documents({}) == 1, DEADLINE_S, "row of the outbox")
        assert not await here.no_lag()
        unsent.set()
        await eventually(here.no_lag, DEADLINE_S, "offsets committed")
        assert await reasons(here) == ["envelope_incomplete"]


async def test_a_type_that_nobody_knows_blocks_nothing(here: Here):
    """Several types on one topic are told apart by our table, not by the framework's filters."""
    async with here.running():
        commands = commands_of(
            KEYS,
            here.topic(COMMANDS),
            {f"m{n}": AddToCounter(counter_id="c1", amount=1) for n in (1, 2)},
        )
        fact = fact_of(here.topic(COUNTERS), CounterMoved(counter_id="c9", total=3), "f1", 1)
        await here.publish([_of_type(commands[0], "mcp.tiny.unheard_of.v1"), commands[1]])
        await here.publish([_of_type(fact, "mcp.tiny.unheard_of.v1"), fact])
        database = here.database(SERVICE)
        await eventually(lambda: database["counters"].find_one({"total": 1}), DEADLINE_S, "command")
        await eventually(
            lambda: database["counters_seen"].find_one({"_id": "c9"}), DEADLINE_S, "fact"
        )
        await eventually(here.no_lag, DEADLINE_S, "offsets committed")
        await eventually(lambda: here.no_lag(COUNTERS), DEADLINE_S, "offsets committed")
        assert await reasons(here) == ["type_unknown"]


def _of_type(record: Outgoing, type: str) -> Outgoing:
    headers = tuple(
        (name, type.encode() if name == "ce_type" else value) for name, value in record.headers
    )
    return Outgoing(record.topic, record.key, headers, record.value)
