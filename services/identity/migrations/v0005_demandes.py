"""v0005: people are found by the groups asked for at their creation, too."""

from shared.mongo.client import Store
from shared.mongo.migrate import Migration


async def _apply(store: Store) -> None:
    await store.collection("comptes").create_index("groupes_demandes", sparse=True)


V0005 = Migration(5, "demandes", _apply)
