"""What habilitation reads of its store besides documents by key, with the indexes that serve it."""

from shared.mongo.client import Store

COLLECTIONS = ("conventions", "sirets", "groupes", "codes", "membres", "personnes")


async def create_indexes(store: Store) -> None:
    """Indexes for lists, for what is due, for what rights are read by."""
    await store.collection("conventions").create_index("caf")
    await store.collection("groupes").create_index([("convention_id", 1), ("code", 1)])
    await store.collection("groupes").create_index("responsable_id")
    await store.collection("membres").create_index("appartenances.groupe_id")
    await store.collection("membres").create_index("convention_id")
    await store.collection("personnes").create_index([("convention_id", 1), ("nom", 1)])
