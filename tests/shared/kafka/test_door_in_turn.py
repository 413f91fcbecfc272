"""A topic both copied and reacted to: the copy first, a bad record parked once, replays to both."""

import dataclasses
from typing import Any, ClassVar

from shared.contracts.topics import dead_letters_topic, retry_topic
from shared.kafka.intakes import REPLAY_OF
from shared.observability import metrics
from shared.path.decision import Decision, Document, Request, State, UseCase
from shared.service import Service
from tests.harness.polling import eventually
from tests.harness.topics import Headers, Outgoing, Record
from tests.shared.in_process import Here
from tests.shared.tiny import (
    COUNTERS,
    SEEN,
    SERVICE,
    Counter,
    CounterMoved,
    CounterSnapshot,
    fact_of,
)

DEADLINE_S = 20
DEAD_LETTERS = dead_letters_topic(SERVICE)
RETRY = retry_topic(SERVICE)


class Seen(Document):
    """The copy of a counter, as a reaction reads it."""

    COLLECTION: ClassVar[str] = SEEN.collection
    FOREIGN: ClassVar[bool] = True

    total: int = 0


def _decide(request: Request[CounterMoved, None], state: State) -> Decision:
    """Write down how far the copy was when the fact was reacted to."""
    moved = request.message
    copy = state.get(Seen.key_of(moved.counter_id))
    assert copy is not None, "the copy knows less than the fact"
    before = state.get(Counter.key_of(moved.counter_id)) or Counter(id=moved.counter_id)
    return Decision((before.changed(total=copy.total, hundreds=before.hundreds + 1),))


REACT = UseCase[CounterMoved, None](
    message=CounterMoved,
    keys=lambda request: [
        Seen.key_of(request.message.counter_id),
        Counter.key_of(request.message.counter_id),
    ],
    decide=_decide,
)


def both(here: Here) -> Service:
    return here.service(reactions={COUNTERS: (REACT,)})


def moved(here: Here, counter_id: str, total: int, sequence: int) -> Outgoing:
    fact = CounterMoved(counter_id=counter_id, total=total)
    return fact_of(here.topic(COUNTERS), fact, f"{counter_id}-{sequence}", sequence)


async def test_reaction_never_knows_less_than_the_fact_that_it_reacts_to(here: Here):
    await here.publish([moved(here, f"c{n % 10}", n, 1 + n // 10) for n in range(300)])
    async with here.running(both(here)):
        await eventually(lambda: here.no_lag(COUNTERS), DEADLINE_S, "offsets committed")
        reacted = list(here.database(SERVICE)["counters"].find())
        assert await here.read(DEAD_LETTERS) == []
    assert len(reacted) == 10
    assert {each["hundreds"] for each in reacted} == {30}  # each fact once
    assert {each["_id"]: each["total"] for each in reacted} == {f"c{n}": 290 + n for n in range(10)}


async def test_record_that_neither_can_read_is_parked_once_and_its_replay_reaches_both(here: Here):
    good = moved(here, "c1", 7, 1)
    bad = dataclasses.replace(good, value=b'{"counter_id": "c1", "total": "seven"}', partition=0)
    async with here.running(both(here)):
        await here.publish([bad])
        await eventually(lambda: here.no_lag(COUNTERS), DEADLINE_S, "offsets committed")
        (letter,) = await here.read(DEAD_LETTERS)
        assert letter.header("dl_reason") == "contract_broken"
        await here.publish([_replay(here, letter, good)])
        database = here.database(SERVICE)
        await eventually(lambda: _totals(database) == (7, 7), DEADLINE_S, "copied and reacted to")
        assert len(await here.read(DEAD_LETTERS)) == 1


async def test_record_that_only_the_reaction_stumbles_on_is_copied_and_parked(here: Here):
    def decide(request: Request[CounterMoved, None], state: State) -> Decision:
        if request.message.total == 13:
            raise ValueError("a bug of the reaction")
        return _decide(request, state)

    stumbling = dataclasses.replace(REACT, decide=decide)
    await here.publish([moved(here, f"c{n}", n, 1) for n in range(10, 20)])
    async with here.running(here.service(reactions={COUNTERS: (stumbling,)})):
        await eventually(lambda: here.no_lag(COUNTERS), DEADLINE_S, "offsets committed")
        database = here.database(SERVICE)
        assert database[SEEN.collection].count_documents({}) == 10
        assert database["counters"].count_documents({}) == 9
        (letter,) = await here.read(DEAD_LETTERS)
        assert (letter.header("dl_reason"), letter.json()["total"]) == ("bug", 13)


async def test_only_what_neither_follows_is_ignored_once(here: Here):
    """A snapshot triggers nothing and is copied: it is not ignored."""
    unknown = dataclasses.replace(moved(here, "c1", 7, 3), headers=_of_type(here, "counter_flew"))
    told = fact_of(
        here.topic(COUNTERS), CounterSnapshot(counter_id="c1", total=6, hundreds=0), "s", 2
    )
    before = metrics.IGNORED._value.get()
    async with here.running(both(here)):
        await here.publish([moved(here, "c1", 6, 1), told, unknown])
        await eventually(lambda: here.no_lag(COUNTERS), DEADLINE_S, "offsets committed")
    assert metrics.IGNORED._value.get() - before == 1


def _of_type(here: Here, name: str) -> Headers:
    """The headers of a fact whose type nobody knows."""
    known = dict(moved(here, "c1", 7, 3).headers)
    base, _, version = known["ce_type"].decode().rpartition(".")
    odd = f"{base.rpartition('.')[0]}.{name}.{version}"
    return tuple((known | {"ce_type": odd.encode()}).items())


def _replay(here: Here, letter: Record, mended: Outgoing) -> Outgoing:
    kept = [(name, value) for name, value in letter.headers if not name.startswith("dl_")]
    place = "/".join(letter.header(f"dl_{part}") or "" for part in ("topic", "partition", "offset"))
    headers = (*kept, (REPLAY_OF, place.encode()))
    return Outgoing(here.topic(RETRY), letter.key, headers, mended.value)


def _totals(database: Any) -> tuple[Any, Any]:
    rows = [database[name].find_one({"_id": "c1"}) for name in (SEEN.collection, "counters")]
    copied, reacted = ((row or {}).get("total") for row in rows)
    return copied, reacted
