"""v0003: accounts are listed, searched, opened and closed on their day; those of before follow."""

from services.identity.store import create_list_indexes
from shared.mongo.client import Store
from shared.mongo.migrate import Migration
from shared.recherche import searchable


async def _apply(store: Store) -> None:
    comptes = store.collection("comptes")
    async for row in comptes.find({"nom_cherche": {"$exists": False}}, {"nom": 1, "prenom": 1}):
        names = {f"{name}_cherche": searchable(row[name]) for name in ("nom", "prenom")}
        await comptes.update_one({"_id": row["_id"]}, {"$set": names})
    # their identifiant was written to them when they were made
    await comptes.update_many(
        {"emission": {"$in": [None, 0]}, "generation": {"$gt": 0}}, {"$set": {"emission": 1}}
    )
    await create_list_indexes(store)


V0003 = Migration(3, "annuaire", _apply)
