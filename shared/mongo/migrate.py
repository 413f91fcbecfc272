"""Numbered migrations, each run once whatever the number of replicas."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import pymongo
import structlog

from shared.mongo import acces_refuses, inbox, outbox
from shared.mongo.client import Store
from shared.mongo.lease import ABANDONED_S, Lease, LeaseTaken

log = structlog.get_logger(__name__)

COLLECTION = "migrations"
LONGEST_S = 3_600.0
"""Bound of one operation of a migration: an index takes its time (assumed)."""
POLL_S = 0.2


@dataclass(frozen=True)
class Migration:
    """One change of the store's shape; `apply` can be run again after a crash in its middle.

    Each service numbers its own; what every store has, whatever the service, is another series.
    """

    number: int
    name: str
    apply: Callable[[Store], Awaitable[None]]
    series: str = "v"

    @property
    def id(self) -> str:
        """What the store remembers it by."""
        return f"{self.series}{self.number:04}"


async def create_collections(store: Store, *names: str) -> None:
    """Make collections before the first transaction needs them; those that exist stay."""
    existing = set(await store.database.list_collection_names())
    for name in names:
        if name not in existing:
            await store.database.create_collection(name)


async def _plumbing(store: Store) -> None:
    await create_collections(store, inbox.COLLECTION, outbox.COLLECTION, "reactions", "clock")
    await store.collection(inbox.COLLECTION).create_index("at", expireAfterSeconds=inbox.KEPT_S)
    await store.collection(outbox.COLLECTION).create_index(
        [("aggregate", 1), ("seq", 1)], unique=True
    )


async def _acces_refuses(store: Store) -> None:
    await create_collections(store, acces_refuses.COLLECTION)
    await acces_refuses.create_indexes(store)


PLUMBING = (
    Migration(0, "plumbing", _plumbing),
    Migration(1, "acces_refuses", _acces_refuses, series="p"),
)
"""What every service's store has: inbox, outbox, reactions, clock; refused accesses."""


async def pending(store: Store, migrations: Sequence[Migration]) -> list[Migration]:
    """The migrations that this store has not seen yet."""
    done = {row["_id"] async for row in store.collection(COLLECTION).find({"done": True})}
    return [each for each in (*PLUMBING, *migrations) if each.id not in done]


async def migrate(store: Store, migrations: Sequence[Migration]) -> list[Migration]:
    """Run what is pending, one replica at a time; returns what this one ran."""
    if not await pending(store, migrations):
        return []
    lease = await _wait_for_lease(store)
    renewing = asyncio.create_task(_renew(lease))
    try:
        waiting = await pending(store, migrations)
        for migration in waiting:
            await _apply(store, migration)
        return waiting
    finally:
        renewing.cancel()
        await lease.release()


async def _apply(store: Store, migration: Migration) -> None:
    with pymongo.timeout(LONGEST_S):
        await migration.apply(store)
    await store.collection(COLLECTION).update_one(
        {"_id": migration.id},
        {"$set": {"name": migration.name, "done": True}, "$currentDate": {"at": True}},
        upsert=True,
    )
    log.info("migrated", id=migration.id, name=migration.name)


async def _wait_for_lease(store: Store) -> Lease:
    lease = Lease(store, COLLECTION)
    while True:
        try:
            await lease.take()
        except LeaseTaken:
            await asyncio.sleep(POLL_S)
        else:
            return lease


async def _renew(lease: Lease) -> None:
    while True:
        await asyncio.sleep(ABANDONED_S / 6)
        await lease.renew()
