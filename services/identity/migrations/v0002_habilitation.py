"""v0002: the copies of habilitation's facts; accounts get their dates, caf and functions."""

from services.identity.projections import PROJECTIONS
from shared.calendrier import day_of
from shared.clock import Clock
from shared.mongo.client import Store
from shared.mongo.migrate import Migration, create_collections


async def _apply(store: Store) -> None:
    await create_collections(store, *(each.collection for each in PROJECTIONS))
    await store.collection("droits").create_index("appartenances.groupe_id", sparse=True)
    today = day_of(Clock.real_now()).isoformat()
    await store.collection("comptes").update_many(
        {"ouverture": {"$exists": False}}, {"$set": {"ouverture": today}}
    )


V0002 = Migration(2, "habilitation", _apply)
