"""The whole path on real servers: what one message breaks, what the store breaks."""

import dataclasses
from typing import Any, ClassVar

import pytest

from shared.contracts.topics import EVENT_BYTES, dead_letters_topic
from shared.observability import metrics
from shared.path.decision import Decision, Document, Request, State, Told, UseCase
from tests.harness.polling import eventually
from tests.harness.topics import Outgoing
from tests.shared.in_process import Here
from tests.shared.kafka.polling import numbered
from tests.shared.tiny import (
    ADD,
    COUNTERS,
    SERVICE,
    AddToCounter,
    Counter,
    CounterMoved,
    CounterSnapshot,
    fact_of,
)

DEADLINE_S = 20
DEAD_LETTERS = dead_letters_topic(SERVICE)
COUNT = 60


class Long(CounterMoved):
    """A fact with room for a long text."""

    text: str


def adding(decide: Any) -> UseCase[AddToCounter, None]:
    """`AddToCounter` decided otherwise."""
    return UseCase[AddToCounter, None](message=AddToCounter, keys=ADD.keys, decide=decide)


def too_long(request: Request[AddToCounter, None], state: State) -> Decision:
    """Tells a fact above the limit for one counter."""
    decision = ADD.decide(request, state)
    if request.message.counter_id != "c7":
        return decision
    counter = decision.writes[0]
    fact = Long(counter_id="c7", total=0, text="x" * EVENT_BYTES)
    return Decision((counter,), (Told(counter, fact),))


def taken(request: Request[AddToCounter, None], state: State) -> Decision:
    """Makes a document whose key is taken, for one counter, without looking."""
    decision = ADD.decide(request, state)
    if request.message.counter_id != "c7":
        return decision
    return dataclasses.replace(decision, writes=(*decision.writes, Counter(id="taken")))


def buggy(request: Request[AddToCounter, None], state: State) -> Decision:
    """Stumbles over one counter."""
    if request.message.counter_id == "c7":
        raise ZeroDivisionError
    return ADD.decide(request, state)


def unwritten(request: Request[AddToCounter, None], state: State) -> Decision:
    """Tells a fact of an aggregate that it does not write, for one counter."""
    decision = ADD.decide(request, state)
    if request.message.counter_id != "c7":
        return decision
    return Decision((), decision.facts)


@pytest.mark.parametrize("decide", [too_long, taken, buggy, unwritten], ids=lambda f: f.__name__)
async def test_what_fails_for_one_message_goes_to_the_dead_letters_and_the_others_go_through(
    here: Here, decide: Any
):
    database = here.database(SERVICE)
    database["counters"].insert_one({"_id": "taken", "version": 1, "seq": 0, "total": 0})
    asked = {f"m{n}": AddToCounter(counter_id=f"c{n % 20}", amount=1) for n in range(COUNT)}
    await here.ask(asked)
    async with here.running(here.service(commands=(adding(decide),))):
        others = {"total": 3, "_id": {"$ne": "c7"}}
        await eventually(
            lambda: database["counters"].count_documents(others) == 19, DEADLINE_S, "the others"
        )
        await eventually(here.no_lag, DEADLINE_S, "offsets committed")
        letters = await here.read(DEAD_LETTERS)
    assert {letter.header("dl_reason") for letter in letters} == {"bug"}
    assert [letter.json()["counter_id"] for letter in letters] == ["c7"] * 3
    assert database["counters"].count_documents({"_id": "c7"}) == 0


async def test_a_number_that_the_store_cannot_hold_is_one_messages_fault(here: Here):
    asked = {f"m{n}": AddToCounter(counter_id=f"c{n}", amount=1) for n in range(10)}
    await here.ask({**asked, "huge": AddToCounter(counter_id="c10", amount=2**63)})
    async with here.running():
        counters = here.database(SERVICE)["counters"]
        await eventually(lambda: counters.count_documents({}) == 10, DEADLINE_S, "the others")
        await eventually(here.no_lag, DEADLINE_S, "offsets committed")
        (letter,) = await here.read(DEAD_LETTERS)
    assert (letter.key, letter.header("dl_reason")) == (b"c10", "bug")


async def test_a_document_held_by_another_session_is_waited_for(here: Here):
    counters = here.database(SERVICE)["counters"]
    client = counters.database.client

    def conflicts() -> float:
        count: float = metrics.CONFLICTS._value.get()
        return count

    async with here.running():
        await here.ask({"m0": AddToCounter(counter_id="c1", amount=1)})
        await eventually(lambda: counters.find_one({"total": 1}), DEADLINE_S, "made")
        before = conflicts()
        with client.start_session() as session, session.start_transaction():
            counters.update_one({"_id": "c1"}, {"$inc": {"total": 10}}, session=session)
            await here.ask({"m1": AddToCounter(counter_id="c1", amount=1)})
            await eventually(lambda: conflicts() >= before + 3, DEADLINE_S, "tried again")
        await eventually(lambda: counters.find_one({"total": 12}), DEADLINE_S, "its turn")
        await eventually(here.no_lag, DEADLINE_S, "offsets committed")
        assert await here.read(DEAD_LETTERS) == []


# -- reactions ------------------------------------------------------------------------------------


class Reaction(Document):
    """How often a counter's moves were reacted to."""

    COLLECTION: ClassVar[str] = "counters"

    times: int = 0


def _react(request: Request[CounterMoved, None], state: State) -> Decision:
    key = Reaction.key_of(f"reaction-{request.message.counter_id}")
    before = state.get(key) or Reaction(id=key.id)
    return Decision((before.changed(times=before.times + 1),))


REACT = UseCase[CounterMoved, None](
    message=CounterMoved,
    keys=lambda request: [Reaction.key_of(f"reaction-{request.message.counter_id}")],
    decide=_react,
)


async def test_a_fact_acts_once_for_ever_and_a_snapshot_never(here: Here):
    topic = here.topic(COUNTERS)
    database = here.database(SERVICE)
    moves = [
        fact_of(topic, CounterMoved(counter_id="c1", total=n), f"f{n}", n) for n in range(1, 6)
    ]
    snapshot = CounterSnapshot(counter_id="c1", total=5, hundreds=0)
    service = here.service(reactions={COUNTERS: (REACT,)}, projections=())
    async with here.running(service):
        await here.publish(moves)
        reactions = database["counters"]
        await eventually(lambda: reactions.find_one({"times": 5}), DEADLINE_S, "reacted")
        database["inbox"].delete_many({})
        lost_offsets = [moves[3], *moves, fact_of(topic, snapshot, "s1", 9)]
        await here.publish(lost_offsets)
        await eventually(lambda: here.no_lag(COUNTERS), DEADLINE_S, "offsets committed")
        assert reactions.find_one({"_id": "reaction-c1"}, {"times": 1, "_id": 0}) == {"times": 5}
        await here.publish([fact_of(topic, CounterMoved(counter_id="c1", total=6), "f6", 6)])
        await eventually(lambda: reactions.find_one({"times": 6}), DEADLINE_S, "goes on")


async def test_noise_on_a_followed_topic_stops_nothing(here: Here):
    service = here.service(reactions={COUNTERS: (REACT,)}, projections=())
    async with here.running(service):
        noise = numbered(here.topic(COUNTERS), 3, 5)
        await here.publish([*noise, Outgoing(here.topic(COUNTERS), None, (), b"{}")])
        move = fact_of(here.topic(COUNTERS), CounterMoved(counter_id="c1", total=1), "f1", 1)
        await here.publish([move])
        counters = here.database(SERVICE)["counters"]
        await eventually(lambda: counters.find_one({"times": 1}), DEADLINE_S, "reacted")
        await eventually(lambda: here.no_lag(COUNTERS), DEADLINE_S, "offsets committed")
        assert len(await here.read(DEAD_LETTERS)) == 16
