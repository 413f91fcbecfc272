"""What a command would write, decided by the real rules, by who would ask it, and not done."""

import dataclasses
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import Any

from shared.errors import Outdated, Unavailable
from shared.mongo.client import Store
from shared.mongo.documents import load
from shared.path.decision import Document, Key, Reader, Request, State, UseCase

TRIES = 3
"""How often what was read too early is read again (assumed)."""
Load = Callable[[Iterable[Key[Any]]], Awaitable[Mapping[Key[Any], Document | None]]]
"""Reads documents by key: as last committed, or as what was supposed before leaves them."""


def committed(store: Store) -> Load:
    """Reads documents as last committed."""
    return partial(load, store)


async def written_by(
    read: Load, reader: Reader, use_case: UseCase[Any, Any], request: Request[Any, None]
) -> tuple[Document, ...]:
    """The documents as the command would leave them. Raises the refusal that it would get."""
    for _ in range(TRIES):
        try:
            return await _decided(read, reader, use_case, request)
        except Outdated:
            continue
    raise Unavailable


async def _decided(
    read: Load, reader: Reader, use_case: UseCase[Any, Any], request: Request[Any, None]
) -> tuple[Document, ...]:
    asked: Request[Any, Any] = request
    if use_case.prepare is not None:
        asked = dataclasses.replace(request, prepared=await use_case.prepare(request, reader))
    state = State(await read(use_case.keys(asked)))
    if use_case.more_keys is not None:
        state.add(await read(use_case.more_keys(asked, state)))
    return use_case.decide(asked, state).writes
