"""Wait for what becomes true by itself: the only way to wait in a test."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

POLL_S = 0.02
"""Assumed: short beside what is waited for, long beside one look."""

T = TypeVar("T")


@overload
async def eventually(
    predicate: Callable[[], Awaitable[T]],
    deadline_s: float,
    what: str,
    *,
    ignoring: tuple[type[Exception], ...] = ...,
) -> T: ...
@overload
async def eventually(
    predicate: Callable[[], T],
    deadline_s: float,
    what: str,
    *,
    ignoring: tuple[type[Exception], ...] = ...,
) -> T: ...
async def eventually(
    predicate: Callable[[], Any],
    deadline_s: float,
    what: str,
    *,
    ignoring: tuple[type[Exception], ...] = (),
) -> Any:
    """Ask until the answer is true and return it; AssertionError after `deadline_s` seconds.

    `predicate` is sync or async; errors of the kinds `ignoring` count as "not yet".
    """
    end = time.monotonic() + deadline_s
    while True:
        last: object = None
        try:
            answer = predicate()
            last = await answer if inspect.isawaitable(answer) else answer
            if last:
                return last
        except ignoring as error:
            last = error
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline_s} s: {what} (last answer: {last!r})")
        await asyncio.sleep(POLL_S)
