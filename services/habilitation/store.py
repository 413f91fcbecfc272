"""What habilitation reads of its store besides documents by key, with the indexes that serve it."""

from shared.mongo.client import Store

COLLECTIONS = ("conventions", "sirets", "groupes", "codes", "membres", "personnes")


async def create_indexes(store: Store) -> None:
    """Indexes for lists, for what is due, for what rights are read by."""
    await _by(store, "conventions", "caf", "organisme_cherche", "_id")
    await _by(store, "groupes", "convention_id", "code_cherche", "_id")
    await store.collection("groupes").create_index("responsable_id")
    await store.collection("membres").create_index("appartenances.groupe_id")
    await store.collection("membres").create_index("convention_id")
    await _by(store, "personnes", "convention_id", "nom_cherche", "prenom_cherche", "_id")


async def _by(store: Store, collection: str, *fields: str) -> None:
    await store.collection(collection).create_index([(field, 1) for field in fields])
