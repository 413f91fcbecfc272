"""What changes in a store, as mongod tells it: which documents, once their change is durable.

Every process that keeps documents in memory follows them here, whoever writes them: itself,
another replica, an operator's command.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from pymongo.change_stream import ChangeStream

from shared.mongo.client import Store

AWAIT_MS = 100
"""How long mongod waits for one more change before what there is is told (assumed)."""
MOST = 5_000
"""Changes told at once (assumed)."""

Stream = ChangeStream[dict[str, Any]]


class Change(NamedTuple):
    """A document that changed; without an id, the whole collection did."""

    collection: str
    id: str | None


async def watch(store: Store, collections: Sequence[str]) -> AsyncIterator[list[Change]]:
    """Tell changes from now on, in their order; an empty list says that there was none.

    The first answer says that it began: what is read from then on misses nothing. A failover is
    bridged. Raises `StoreError` when mongod is away for longer, or has forgotten what comes next:
    begin anew then, and forget everything.
    """
    loop = asyncio.get_running_loop()
    # The driver's own stream, in one thread: Motor's costs a change of threads for each change.
    thread = ThreadPoolExecutor(1, "changes")
    try:
        stream = await loop.run_in_executor(thread, _open, store, collections)
        try:
            yield []
            while True:
                yield await loop.run_in_executor(thread, _next, stream)
        finally:
            thread.submit(stream.close)
    finally:
        thread.shutdown(wait=False)


def _open(store: Store, collections: Sequence[str]) -> Stream:
    which = {"$match": {"ns.coll": {"$in": list(collections)}}}
    what = {"$project": {"ns.coll": 1, "documentKey": 1}}
    stream: Stream = store.database.delegate.watch(
        [which, what], max_await_time_ms=AWAIT_MS, batch_size=MOST
    )
    return stream


def _next(stream: Stream) -> list[Change]:
    changes: list[Change] = []
    while len(changes) < MOST and (change := stream.try_next()) is not None:
        id = change.get("documentKey", {}).get("_id")
        changes.append(Change(change["ns"]["coll"], id))
    return changes
