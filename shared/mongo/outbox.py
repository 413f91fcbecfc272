"""The outbox: records written with the work that made them, published by whoever commits next.

No leader, no lease (ADR-0002). `at` is stamped by mongod, so that ages never depend on a clock
with an offset or on another machine's.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pymongo

from shared.mongo.client import STAMPED_BY_SERVER, Exchange, Store
from shared.path.work import Row

COLLECTION = "outbox"
_AGE_MS = {"$subtract": ["$$NOW", {"$toDate": "$at"}]}


def _document(row: Row) -> dict[str, Any]:
    return {
        "_id": row.id,
        "aggregate": row.aggregate,
        "seq": row.seq,
        "at": STAMPED_BY_SERVER,
        "topic": row.topic,
        "key": row.key,
        "headers": dict(row.headers),
        "value": row.value,
    }


def _row(document: Mapping[str, Any]) -> Row:
    return Row(
        document["_id"],
        document["aggregate"],
        document["seq"],
        document["topic"],
        document["key"],
        document["headers"],
        document["value"],
    )


def insert(exchange: Exchange, rows: Sequence[Row]) -> None:
    """Write the records of a group, in its transaction."""
    if rows:
        exchange.insert(COLLECTION, [_document(row) for row in rows])


def pending_of(exchange: Exchange, aggregates: Iterable[str]) -> list[Row]:
    """What is still to be published of these aggregates, in order."""
    names = list(aggregates)
    if not names:
        return []
    rows = [_row(each) for each in exchange.find(COLLECTION, {"aggregate": {"$in": names}})]
    rows.sort(key=lambda row: (row.aggregate, row.seq))
    return rows


async def left_behind(
    store: Store, older_than_ms: int, *, after: str = "", limit: int = 500
) -> list[Row]:
    """All pending rows of aggregates that have one older than that, in order.

    Read in one snapshot: a scan that saw number n+1 but not n could send them out of order. At
    most `limit` aggregates, in order of their names, from the one that follows `after`: those that
    cannot be sent do not hide the others for ever.
    """
    return await store.apart(_left_behind, store, older_than_ms, after, limit)


def _left_behind(store: Store, older_than_ms: int, after: str, limit: int) -> list[Row]:
    old = {"aggregate": {"$gt": after}, "$expr": {"$gt": [_AGE_MS, older_than_ms]}}
    named: list[dict[str, Any]] = [{"$group": {"_id": "$aggregate"}}, {"$sort": {"_id": 1}}]
    with store.snapshot() as exchange:
        groups = exchange.aggregate(COLLECTION, [{"$match": old}, *named, {"$limit": limit}])
        return pending_of(exchange, [group["_id"] for group in groups])


async def delete(store: Store, ids: Sequence[str]) -> None:
    """Forget records that the broker acknowledged."""
    if ids:
        await store.collection(COLLECTION).delete_many({"_id": {"$in": list(ids)}})


async def backlog(store: Store, timeout_s: float = 2.0) -> tuple[int, float]:
    """How many rows are pending, and the age of the oldest in seconds (0 when there is none).

    Raises `StoreError` where the store does not say so in time.
    """
    pipeline = [
        {"$group": {"_id": None, "count": {"$sum": 1}, "age_ms": {"$max": _AGE_MS}}},
    ]
    with pymongo.timeout(timeout_s):
        async for group in store.collection(COLLECTION).aggregate(pipeline):
            return group["count"], max(0.0, group["age_ms"] / 1000)
    return 0, 0.0
