"""The slow part of messages: side by side, before any transaction, each with its own fault."""

import asyncio
from typing import Any

import pytest

from shared.errors import InvalidMessage, Unavailable
from shared.path.decision import Decision, Key
from shared.path.preparation import prepare, prepare_all
from shared.path.work import Ask, Park, Refuse, Work
from tests.shared.asking import add, ask, origin_at, use_case
from tests.shared.tiny import TotalNegative


class Faults:
    """Only `Unavailable` is the store's fault."""

    def is_transient(self, error: BaseException) -> bool:
        return isinstance(error, Unavailable)

    def is_conflict(self, _: BaseException) -> bool:
        return False

    def is_for_fewer(self, _: BaseException) -> bool:
        return False


class Nothing:
    """A store with nothing in it."""

    async def load(self, _: Key[Any]) -> None:
        return None

    async def find(self, *_: Any) -> list[Any]:
        return []


class Slow:
    """A preparation that notes how many run at once, and fails as told."""

    def __init__(self, *errors: Exception | None) -> None:
        self.errors = list(errors)
        self.at_once = self.most = self.count = 0

    async def __call__(self, request: Any, _: Any) -> str:
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        self.count += 1
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error
        return f"prepared {request.id}"

    def asked(self, id: str = "m", **more: Any) -> Ask:
        return ask(use_case(lambda _, __: Decision(), prepare=self), object(), id=id, **more)


async def prepared(slow: Slow, **more: Any) -> Any:
    return await prepare(slow.asked(**more), Nothing(), Faults())


async def test_all_messages_of_a_poll_are_prepared_side_by_side_in_their_order():
    slow = Slow()
    works: list[Work] = [slow.asked("m1"), add("c1"), slow.asked("m2"), Park(origin_at(1), "x")]
    done = await prepare_all(works, Nothing(), Faults())
    assert slow.most == 2
    asks = [work for work in done if isinstance(work, Ask) and work is not works[1]]
    assert [work.request.prepared for work in asks] == [
        "prepared m1",
        "prepared m2",
    ]
    assert done[1] is works[1]
    assert done[3] is works[3]


async def test_what_needs_no_slow_part_is_not_prepared():
    slow = Slow()
    quick = ask(use_case(lambda _, __: Decision(), prepare=slow, is_slow=lambda _: False), object())
    assert not quick.is_slow
    assert await prepare_all([quick], Nothing(), Faults()) == [quick]
    assert await prepare(quick, Nothing(), Faults()) is quick
    assert slow.count == 0


async def test_a_refusal_raised_there_is_a_refusal_like_another():
    work = await prepared(Slow(TotalNegative()), asked={"actor": "a"}, origin=origin_at(0))
    assert isinstance(work, Refuse)
    assert isinstance(work.refusal, TotalNegative)
    assert (work.inbox_id, work.asked) == ("m", {"actor": "a"})


async def test_a_fact_cannot_be_refused_there_either():
    work = await prepared(Slow(TotalNegative()), origin=origin_at(0), is_fact=True)
    assert (work.origin, work.reason) == (origin_at(0), "total_negatif")


async def test_a_fault_is_tried_once_more_and_then_parked():
    slow = Slow(ValueError(), None)
    assert isinstance(await prepared(slow, origin=origin_at(0)), Ask)
    assert slow.count == 2
    work = await prepared(Slow(ValueError(), ValueError()), origin=origin_at(0))
    assert (work.origin, work.reason) == (origin_at(0), "bug")


async def test_a_broken_contract_keeps_its_reason():
    work = await prepared(Slow(InvalidMessage("odd"), InvalidMessage("odd")), origin=origin_at(0))
    assert work.reason == "odd"


@pytest.mark.parametrize("errors", [(Unavailable(),), (ValueError(), Unavailable())])
async def test_what_is_a_dependencys_fault_is_raised(errors: tuple[Exception, ...]):
    with pytest.raises(Unavailable):
        await prepared(Slow(*errors), origin=origin_at(0))


async def test_a_request_that_came_in_no_record_gets_its_own_error():
    with pytest.raises(ValueError, match="mine"):
        await prepared(Slow(ValueError("mine")))
