"""What was prepared for a message is older than what it finds: prepared again, decided again."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
import pytest_asyncio

from shared.errors import Outdated, Unavailable
from shared.mongo.client import Store
from shared.mongo.faults import MongoFaults
from shared.mongo.unit_of_work import UnitOfWork
from shared.path import committer as module
from shared.path.committer import GIVEN_BACK, PREPARED_AGAIN, Committer
from shared.path.decision import Decision, Reader, Request, State, Told, UseCase
from shared.path.work import Mark, Outcome, Row, Work
from tests.harness.polling import eventually
from tests.shared.asking import HOUSE, add, ask, origin_at
from tests.shared.in_process import Here
from tests.shared.tiny import ADD, COUNTERS, SERVICE, AddToCounter, Counter, CounterMoved

DEADLINE_S = 10


class Doubling:
    """Adds to a counter what it was seen to hold: right only if it still holds that."""

    def __init__(self) -> None:
        self.prepared: list[str] = []
        self.fails: list[Exception] = []
        self.never: set[str] = set()

    async def prepare(self, request: Request[Any, None], reader: Reader) -> int:
        self.prepared.append(request.message.counter_id)
        if len(self.prepared) > 1 and self.fails:
            raise self.fails.pop(0)
        counter = await reader.load(Counter.key_of(request.message.counter_id))
        return 0 if counter is None else counter.total

    def decide(self, request: Request[Any, int], state: State) -> Decision:
        id = request.message.counter_id
        before = state.get(Counter.key_of(id)) or Counter(id=id)
        if before.total != request.prepared or id in self.never:
            raise Outdated
        after = before.changed(total=2 * before.total)
        told = Told(after, CounterMoved(counter_id=id, total=after.total))
        return Decision((after,), (told,), {"total": str(after.total)})

    def use_case(self, message: type[Any]) -> UseCase[Any, int]:
        return UseCase[Any, int](
            message=message,
            keys=lambda request: [Counter.key_of(request.message.counter_id)],
            prepare=self.prepare,
            decide=self.decide,
        )

    def asked(self, counter_id: str, *, found: int = 0, **more: Any) -> Work:
        """Prepared when the counter held `found`."""
        message = AddToCounter(counter_id=counter_id, amount=0)
        work = ask(self.use_case(AddToCounter), message, **more)
        object.__setattr__(work.request, "prepared", found)
        return work


class Publishing:
    """Publishes at once; what went out can be looked at."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def add(self, rows: Sequence[Row]) -> asyncio.Future[None]:
        self.rows += rows
        published: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        published.set_result(None)
        return published


class Counting(UnitOfWork):
    """How many messages each transaction took."""

    sizes: tuple[int, ...] = ()

    async def attempt(self, works: Sequence[Work]) -> Any:
        self.sizes = (*self.sizes, len(works))
        return await super().attempt(works)


@pytest.fixture
def doubling() -> Doubling:
    return Doubling()


@pytest.fixture
def attempts(store: Store, monkeypatch: pytest.MonkeyPatch) -> Counting:
    monkeypatch.setattr(module, "CONFLICT_PAUSE_S", 0.0)
    return Counting(store, HOUSE, 5.0)


@pytest_asyncio.fixture
async def committer(attempts: Counting) -> AsyncIterator[Committer]:
    committer = Committer(attempts, Publishing(), MongoFaults())
    task = asyncio.create_task(committer.run())
    yield committer
    assert not task.done()
    task.cancel()
    await asyncio.wait({task})


async def settled(committer: Committer, *works: Work) -> list[Any]:
    """What became of each message, its error included."""
    tickets = [committer.submit(work) for work in works]
    waits = (asyncio.wait_for(ticket.committed, DEADLINE_S) for ticket in tickets)
    return await asyncio.gather(*waits, return_exceptions=True)


async def totals(store: Store) -> dict[str, int]:
    rows = store.collection(Counter.COLLECTION).find({"total": {"$exists": True}})
    return {row["_id"]: row["total"] async for row in rows}


def sent(work: Any, offset: int) -> Work:
    """The same as a record brought it."""
    work.origin = lambda: origin_at(offset)
    return work  # type: ignore[no-any-return]


async def test_two_of_one_poll_of_which_the_second_knew_less_are_both_decided(
    store: Store, committer: Committer, attempts: Counting, doubling: Doubling
) -> None:
    works = [sent(add("c1", 5, id="m1"), 1), doubling.asked("c1", id="m2", origin=origin_at(2))]
    outcomes = await settled(committer, *works)
    assert [outcome.status for outcome in outcomes] == ["done", "done"]
    assert outcomes[1].result == {"total": "10"}
    assert await totals(store) == {"c1": 10}
    assert attempts.sizes == (2, 1)
    again = await settled(committer, works[1])
    assert [outcome.first for outcome in again] == [False]


async def test_those_of_the_same_key_wait_and_nobody_else(
    store: Store, committer: Committer, attempts: Counting, doubling: Doubling
) -> None:
    works = [
        sent(add("c1", 5), 1),
        doubling.asked("c1", origin=origin_at(2)),
        sent(add("c2", 7), 3),
        sent(add("c1", 1), 4),
        doubling.asked("c2", origin=origin_at(5)),
        doubling.asked("c1", found=5, origin=origin_at(6)),
    ]
    outcomes = await settled(committer, *works)
    assert {outcome.status for outcome in outcomes} == {"done"}
    assert await totals(store) == {"c1": 22, "c2": 14}
    assert attempts.sizes == (6, 4, 1)
    publishing: Any = committer._publishing
    told = [(row.seq, row.value) for row in publishing.rows if row.key == "c1"]
    assert [seq for seq, _ in dict.fromkeys(told)] == [1, 2, 3, 4]


async def test_a_request_of_http_is_prepared_again_and_holds_nobody_up(
    store: Store, committer: Committer, attempts: Counting, doubling: Doubling
) -> None:
    works = [add("c1", 5), doubling.asked("c1", id="m2"), add("c1", 1)]
    outcomes = await settled(committer, *works)
    assert [outcome.status for outcome in outcomes] == ["done"] * 3
    assert await totals(store) == {"c1": 12}  # asked at once, so in any order
    assert attempts.sizes == (3, 1)


async def test_of_many_pairs_in_a_group_all_go_through_in_one_more_transaction(
    store: Store, committer: Committer, attempts: Counting, doubling: Doubling
) -> None:
    works = [
        work
        for n in range(40)
        for work in (sent(add(f"c{n}", 1), n), doubling.asked(f"c{n}", origin=origin_at(n)))
    ]
    outcomes = await settled(committer, *works)
    assert {outcome.status for outcome in outcomes} == {"done"}
    assert set((await totals(store)).values()) == {2}
    assert attempts.sizes == (80, 40)


async def test_a_fact_that_waits_is_not_taken_for_one_that_came_late(
    store: Store, committer: Committer, doubling: Doubling
) -> None:
    """The next fact of its aggregate waits too: the highest number handled would hide it."""
    use_case = doubling.use_case(CounterMoved)
    facts = [
        ask(
            use_case,
            CounterMoved(counter_id="c1", total=0),
            origin=origin_at(n),
            mark=Mark("counters/c1", n),
            is_fact=True,
        )
        for n in (1, 2)
    ]
    for fact in facts:
        object.__setattr__(fact.request, "prepared", 0)
    outcomes = await settled(committer, sent(add("c1", 3), 0), *facts)
    assert [outcome.status for outcome in outcomes] == ["done"] * 3
    assert await totals(store) == {"c1": 12}


async def test_what_is_outdated_each_time_is_given_back_with_its_lane_and_uses_nothing_up(
    store: Store, committer: Committer, doubling: Doubling
) -> None:
    doubling.never = {"c1"}
    works = [
        doubling.asked("c1", id="m1", origin=origin_at(1)),
        sent(add("c1", 1, id="m2"), 2),
        sent(add("c2", 1, id="m3"), 3),
        doubling.asked("c1", id="m4"),
    ]
    first, behind, other, request = await settled(committer, *works)
    assert [type(each) for each in (first, behind, request)] == [Unavailable] * 3
    assert isinstance(other, Outcome)
    assert doubling.prepared == ["c1"] * 2 * PREPARED_AGAIN
    assert await UnitOfWork(store, HOUSE, 5.0).known_of(["m1", "m2", "m3", "m4"]) == {"m3"}
    doubling.never = set()
    outcomes = await settled(committer, *works)
    assert [outcome.status for outcome in outcomes] == ["done"] * 4
    assert await totals(store) == {"c1": 2, "c2": 1}


async def test_a_record_that_is_outdated_for_ever_is_parked_at_last_and_its_lane_goes_on(
    store: Store, committer: Committer, doubling: Doubling
) -> None:
    doubling.never = {"c1"}
    works = [
        doubling.asked("c1", id="m1", origin=origin_at(1)),
        sent(add("c1", 1, id="m2"), 2),
    ]
    for _ in range(GIVEN_BACK):
        assert [type(each) for each in await settled(committer, *works)] == [Unavailable] * 2
    outcomes = await settled(committer, *works)
    assert [outcome.status for outcome in outcomes] == ["dead", "done"]
    publishing: Any = committer._publishing
    reasons = [row.headers.get("dl_reason") for row in publishing.rows]
    assert reasons == ["outdated", None]
    doubling.never = set()  # mended and replayed: its id was not used up
    (again,) = await settled(committer, works[0])
    assert (again.status, again.first) == ("done", True)
    assert await totals(store) == {"c1": 2}


async def test_a_record_that_was_given_back_and_then_decided_begins_to_count_anew(
    committer: Committer, doubling: Doubling
) -> None:
    for id in ("m1", "m2"):
        work = doubling.asked("c1", id=id, origin=origin_at(1))
        doubling.never = {"c1"}
        for _ in range(GIVEN_BACK):
            assert [type(each) for each in await settled(committer, work)] == [Unavailable]
        doubling.never = set()
        (outcome,) = await settled(committer, work)
        assert outcome.status == "done"
    assert not committer._given_back


async def test_a_request_that_is_outdated_for_ever_is_told_so_each_time(
    committer: Committer, doubling: Doubling
) -> None:
    doubling.never = {"c1"}
    work = doubling.asked("c1", id="m1")
    for _ in range(GIVEN_BACK + 2):
        assert [type(each) for each in await settled(committer, work)] == [Unavailable]
    assert not committer._given_back


async def test_what_is_queued_behind_a_message_given_back_is_given_back_too(
    store: Store, committer: Committer, attempts: Counting, doubling: Doubling
) -> None:
    doubling.never = {"c1"}
    first = committer.submit(doubling.asked("c1", origin=origin_at(1)))
    await eventually(lambda: attempts.sizes, DEADLINE_S, "under way")
    queued = [committer.submit(sent(add(id, 1), n)) for n, id in ((2, "c1"), (3, "c2"))]
    await asyncio.wait([first.committed, *(each.committed for each in queued)], timeout=DEADLINE_S)
    assert (first.failed, queued[0].failed, queued[1].failed) == (True, True, False)
    assert await totals(store) == {"c2": 1}


async def test_a_fault_of_the_second_preparation_is_that_of_its_message(
    store: Store, committer: Committer, doubling: Doubling
) -> None:
    doubling.fails = [ValueError("mine"), ValueError(), ValueError()]
    outcomes = await settled(committer, add("c1", 1), doubling.asked("c1"), add("c2", 1))
    assert [type(outcome) for outcome in outcomes] == [Outcome, Outcome, Outcome]
    outcomes = await settled(committer, doubling.asked("c1"), add("c2", 1))
    assert [type(outcome) for outcome in outcomes] == [ValueError, Outcome]
    outcomes = await settled(committer, doubling.asked("c1", origin=origin_at(9)), add("c2", 1))
    assert [outcome.status for outcome in outcomes] == ["dead", "done"]


async def test_a_store_that_is_away_meanwhile_is_waited_for(
    store: Store, committer: Committer, doubling: Doubling
) -> None:
    doubling.prepared.append("before")
    doubling.fails = [Unavailable()]
    outcomes = await settled(committer, add("c1", 4), doubling.asked("c1", id="m2"))
    assert [outcome.status for outcome in outcomes] == ["done", "done"]
    assert await totals(store) == {"c1": 8}


async def test_a_decision_for_which_nothing_was_prepared_cannot_be_outdated(
    committer: Committer,
) -> None:
    def decide(*_: Any) -> Decision:
        raise Outdated

    hasty = UseCase[AddToCounter, None](message=AddToCounter, keys=ADD.keys, decide=decide)
    work = ask(hasty, AddToCounter(counter_id="c1", amount=1), origin=origin_at(1))
    (outcome,) = await settled(committer, work)
    assert outcome.status == "dead"


async def test_pairs_of_one_poll_go_through_in_their_order_without_refusal(
    here: Here, doubling: Doubling
) -> None:
    """Through Kafka: added to, then doubled, for twenty counters; all waits when it starts."""

    class DoubleCounter(AddToCounter):
        TYPE = "mcp.tiny.double_counter.v1"

    asked: dict[str, AddToCounter] = {}
    for n in range(20):
        asked[f"a{n}"] = AddToCounter(counter_id=f"c{n}", amount=n + 1)
        asked[f"b{n}"] = DoubleCounter(counter_id=f"c{n}", amount=0)
    await here.ask(asked)
    service = here.service(commands=(ADD, doubling.use_case(DoubleCounter)))
    counters = here.database(SERVICE)[Counter.COLLECTION]
    async with here.running(service):
        await eventually(here.no_lag, DEADLINE_S, "offsets committed")
        moves = await here.read(COUNTERS)
    assert {row["_id"]: row["total"] for row in counters.find()} == {
        f"c{n}": 2 * (n + 1) for n in range(20)
    }
    assert {row["status"] for row in here.database(SERVICE)["inbox"].find()} == {"done"}
    for n in range(20):
        mine = [move.json()["total"] for move in moves if move.key == f"c{n}".encode()]
        assert mine == [n + 1, 2 * (n + 1)]
