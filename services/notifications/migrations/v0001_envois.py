"""The collections of mails and the indexes of those that wait."""

from services.notifications.store import COLLECTIONS, create_indexes
from shared.mongo.client import Store
from shared.mongo.migrate import Migration, create_collections


async def _apply(store: Store) -> None:
    await create_collections(store, *COLLECTIONS)
    await create_indexes(store)


V0001 = Migration(1, "envois", _apply)
