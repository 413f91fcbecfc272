"""One at a time: a named lease in the store, by mongod's own clock, taken over when abandoned."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.ids import draw_id
from shared.mongo.client import STAMPED_BY_SERVER, Store, StoreError, is_duplicate_key

COLLECTION = "leases"
ABANDONED_S = 60
"""A lease not renewed for that long belongs to nobody any more (assumed)."""


class LeaseTaken(Exception):
    """Somebody else holds the lease."""


class Lease:
    """A lease that is held; renew it before each step that must not be done by two."""

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self._name = name
        self._holder = draw_id()

    async def take(self) -> None:
        """Take it, if nobody holds it. Raises `LeaseTaken`."""
        leases = self._store.collection(COLLECTION)
        age_ms = {"$subtract": ["$$NOW", {"$toDate": "$at"}]}
        abandoned = {"$gt": [age_ms, ABANDONED_S * 1000]}
        await leases.delete_one({"_id": self._name, "$expr": abandoned})
        held = {"_id": self._name, "holder": self._holder, "at": STAMPED_BY_SERVER}
        try:
            await leases.insert_one(held)
        except StoreError as error:
            if is_duplicate_key(error):
                raise LeaseTaken(self._name) from error
            raise

    async def renew(self) -> None:
        """Keep it. Raises `LeaseTaken` when it was abandoned and somebody took it over."""
        kept = await self._store.collection(COLLECTION).update_one(
            {"_id": self._name, "holder": self._holder},
            {"$currentDate": {"at": {"$type": "timestamp"}}},
        )
        if not kept.matched_count:
            raise LeaseTaken(self._name)

    async def release(self) -> None:
        """Give it back."""
        await self._store.collection(COLLECTION).delete_one(
            {"_id": self._name, "holder": self._holder}
        )


@asynccontextmanager
async def held(store: Store, name: str) -> AsyncIterator[Lease]:
    """A lease for the time of a block. Raises `LeaseTaken`."""
    lease = Lease(store, name)
    await lease.take()
    try:
        yield lease
    finally:
        await lease.release()
