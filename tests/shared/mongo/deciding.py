"""What tests of a group on a real mongod look at, and how they make two of them meet."""

import threading
from typing import Any

import pytest

from shared.mongo import outbox
from shared.mongo.client import Store

DEADLINE_S = 5.0


async def row(store: Store, collection: str, id: str) -> Any:
    return await store.collection(collection).find_one({"_id": id})


async def total(store: Store) -> int:
    return int((await row(store, "counters", "c1"))["total"])


async def count(store: Store, collection: str) -> int:
    return await store.collection(collection).count_documents({})


def both_loaded_before_either_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the next two attempts wait for each other once they have loaded."""
    barrier, original = threading.Barrier(2), outbox.pending_of
    waited: list[bool] = []

    def pending_of(*arguments: Any) -> Any:
        rows = original(*arguments)
        if len(waited) < 2:
            waited.append(True)
            barrier.wait(DEADLINE_S)
        return rows

    monkeypatch.setattr(outbox, "pending_of", pending_of)
