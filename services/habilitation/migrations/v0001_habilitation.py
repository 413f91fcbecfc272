"""v0001: conventions, groups, memberships, reservations, the copy of people, their indexes."""

from services.habilitation.store import COLLECTIONS, create_indexes
from shared.mongo.client import Store
from shared.mongo.migrate import Migration, create_collections


async def _apply(store: Store) -> None:
    await create_collections(store, *COLLECTIONS)
    await create_indexes(store)


V0001 = Migration(1, "habilitation", _apply)
