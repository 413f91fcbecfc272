"""v0004: the counters of attempts, the captchas, and their indexes."""

from services.identity import captchas, essais
from shared.mongo.client import Store
from shared.mongo.migrate import Migration, create_collections


async def _apply(store: Store) -> None:
    await create_collections(store, essais.COLLECTION, captchas.COLLECTION)
    await essais.create_indexes(store)
    await captchas.create_indexes(store)


V0004 = Migration(4, "acces", _apply)
