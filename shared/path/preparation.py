"""The slow part of messages, before any transaction: hashes and seals, all of a poll at once."""

import asyncio
import dataclasses
import os
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import structlog

from shared.errors import InvalidMessage, Refusal
from shared.path.decision import Reader
from shared.path.ports import Faults
from shared.path.work import Ask, Origin, Park, Refuse, Work

T = TypeVar("T")
R = TypeVar("R")
SlowPart = Callable[[Any, Reader], Awaitable[Any]]

AT_ONCE = os.cpu_count() or 1
"""Messages of a poll prepared side by side: preparing is computation (assumed)."""

log = structlog.get_logger(__name__)


async def prepare_all(works: Sequence[Work], reader: Reader, faults: Faults) -> list[Work]:
    """Prepare the messages of a poll a few at a time, keeping their order.

    A refusal raised there refuses, a fault is tried once more and then parks; what is a
    dependency's fault is raised.
    """
    slow = [place for place, work in enumerate(works) if isinstance(work, Ask) and work.is_slow]
    prepared = list(works)
    done = await a_few_at_once(lambda place: prepare(works[place], reader, faults), slow)
    for place, work in zip(slow, done, strict=True):
        prepared[place] = work
    return prepared


async def a_few_at_once(act: Callable[[T], Awaitable[R]], each: Sequence[T]) -> list[R]:
    """Do the same to each, keeping their order.

    A few: the threads are also those of whoever is signing in, who must not wait for a whole poll.
    """
    places = asyncio.Semaphore(AT_ONCE)

    async def in_turn(one: T) -> R:
        async with places:
            return await act(one)

    return list(await asyncio.gather(*(in_turn(one) for one in each)))


async def prepare(work: Work, reader: Reader, faults: Faults) -> Work:
    """Prepare one message; a request that came in no record gets its own error."""
    if not isinstance(work, Ask) or work.use_case.prepare is None or not work.is_slow:
        return work
    try:
        return await _prepared(work, work.use_case.prepare, reader)
    except Exception as error:
        if work.origin is None or faults.is_transient(error):
            raise
        return await _once_more(work, work.use_case.prepare, work.origin, reader, faults)


async def _prepared(work: Ask, slow_part: SlowPart, reader: Reader) -> Work:
    try:
        prepared = await slow_part(work.request, reader)
    except Refusal as refusal:
        return refused(work, refusal)
    return dataclasses.replace(work, request=dataclasses.replace(work.request, prepared=prepared))


async def _once_more(
    work: Ask, slow_part: SlowPart, origin: Callable[[], Origin], reader: Reader, faults: Faults
) -> Work:
    try:
        return await _prepared(work, slow_part, reader)
    except InvalidMessage as invalid:
        return Park(origin(), invalid.reason)
    except Exception as error:
        if faults.is_transient(error):
            raise
        log.exception("preparation_failed", error=type(error).__name__)
        return Park(origin(), "bug")


def refused(work: Ask, refusal: Refusal) -> Work:
    """A message refused before its documents were even looked at."""
    if work.is_fact and work.origin is not None:
        return Park(work.origin(), refusal.code)
    request = work.request
    return Refuse(
        inbox_id=work.inbox_id,
        refusal=refusal,
        command_id=request.id,
        type=work.type,
        key=work.key,
        correlation_id=request.correlation_id,
        at=request.now,
        asked=work.asked,
        traced=work.traced,
    )
