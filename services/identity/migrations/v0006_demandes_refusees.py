"""v0006: accounts that habilitation asked for and that were not made."""

from shared.mongo.client import Store
from shared.mongo.migrate import Migration, create_collections


async def _apply(store: Store) -> None:
    await create_collections(store, "demandes")


V0006 = Migration(6, "demandes_refusees", _apply)
