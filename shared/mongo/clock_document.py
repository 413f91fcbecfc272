"""The document that moves the clock of a service's running processes (tests and demo only)."""

from shared.mongo.client import Store, StoreError

COLLECTION = "clock"
ID = "offset"


async def read(store: Store) -> int | None:
    """The offset in seconds, or None when nobody set one or the store is away."""
    try:
        row = await store.collection(COLLECTION).find_one({"_id": ID})
    except StoreError:
        return None
    return None if row is None else int(row["seconds"])
