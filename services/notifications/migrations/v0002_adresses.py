"""v0002: held mails, flagged addresses, campaigns, what is erased after a while."""

from services.notifications.domain.envoi import Envoi
from services.notifications.store import COLLECTIONS, create_indexes
from shared.mongo.client import Store
from shared.mongo.migrate import Migration, create_collections

BEFORE = "etat_1_expires_at_1"
"""The index of the mails to expire, which knew of no held ones."""


async def _apply(store: Store) -> None:
    await create_collections(store, *COLLECTIONS)
    envois = store.collection(Envoi.COLLECTION)
    if BEFORE in await envois.index_information():
        await envois.drop_index(BEFORE)
    await create_indexes(store)


V0002 = Migration(2, "adresses", _apply)
