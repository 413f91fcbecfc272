"""Stores that are migrated once and empty for each test: collections cost more than a test."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

from shared.mongo import migrate
from shared.mongo.client import Store
from shared.mongo.migrate import Migration
from tests.harness.platform import random_name


@contextmanager
def migrated(uri: str, service: str, migrations: Sequence[Migration]) -> Iterator[str]:
    """The name of a database of its own, with its collections and indexes; it goes at the end."""
    name = random_name()

    async def prepare() -> None:
        store = Store(uri, name, service=service)
        await migrate.migrate(store, migrations)
        store.close()

    async def drop() -> None:
        store = Store(uri, name, service=service)
        await store.client.drop_database(name)
        store.close()

    asyncio.run(prepare())
    yield name
    asyncio.run(drop())


@asynccontextmanager
async def emptied(uri: str, database: str, service: str) -> AsyncIterator[Store]:
    """Such a store for one test; what that leaves there goes."""
    store = Store(uri, database, service=service)
    try:
        yield store
        for name in await store.database.list_collection_names():
            if name != migrate.COLLECTION:
                await store.collection(name).delete_many({})
    finally:
        store.close()
