"""Migrations run once, in order, whatever the number of replicas."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from bson import Timestamp

from deploy.local.servers import Servers
from shared.mongo import inbox
from shared.mongo.client import Store
from shared.mongo.lease import ABANDONED_S
from shared.mongo.lease import COLLECTION as LEASES
from shared.mongo.migrate import COLLECTION, PLUMBING, Migration, migrate, pending

DEADLINE_S = 10


@pytest_asyncio.fixture
async def empty(servers: Servers, database_name: str) -> AsyncIterator[Store]:
    store = Store(servers.mongo, database_name, service="tiny")
    try:
        yield store
        await store.client.drop_database(database_name)
    finally:
        store.close()


def counting(number: int, ran: list[int], fails: list[Exception] | None = None) -> Migration:
    async def apply(_: Store) -> None:
        if fails:
            raise fails.pop()
        ran.append(number)

    return Migration(number, f"m{number}", apply)


async def test_each_runs_once_in_order_and_the_plumbing_first(empty: Store):
    ran: list[int] = []
    migrations = [counting(1, ran), counting(2, ran)]
    assert [each.id for each in await pending(empty, migrations)] == [
        "v0000",
        "p0001",
        "v0001",
        "v0002",
    ]
    assert await migrate(empty, migrations) == [*PLUMBING, *migrations]
    assert await migrate(empty, migrations) == []
    assert ran == [1, 2]
    assert {"inbox", "outbox", "reactions", "clock", "acces_refuses"} <= set(
        await empty.database.list_collection_names()
    )


async def test_replicas_that_start_together_run_each_once(empty: Store):
    ran: list[int] = []
    migrations = [counting(n, ran) for n in range(1, 6)]
    done = await asyncio.gather(*(migrate(empty, migrations) for _ in range(4)))
    assert ran == [1, 2, 3, 4, 5]
    assert sorted(len(each) for each in done) == [0, 0, 0, 7]


async def test_one_that_failed_is_run_again_and_those_before_it_are_not(empty: Store):
    ran: list[int] = []
    migrations = [counting(1, ran), counting(2, ran, fails=[ValueError("half way")])]
    with pytest.raises(ValueError, match="half way"):
        await migrate(empty, migrations)
    assert [each.number for each in await migrate(empty, migrations)] == [2]
    assert ran == [1, 2]


async def test_the_lock_of_a_replica_that_died_is_taken_over(empty: Store):
    old = Timestamp(int(time.time()) - ABANDONED_S - 5, 1)
    await empty.collection(LEASES).insert_one({"_id": COLLECTION, "holder": "dead", "at": old})
    async with asyncio.timeout(DEADLINE_S):
        assert await migrate(empty, []) == [*PLUMBING]


async def test_the_lock_of_a_replica_that_works_is_waited_for(empty: Store):
    locks = empty.collection(LEASES)
    await locks.insert_one({"_id": COLLECTION, "holder": "busy", "at": Timestamp(0, 0)})
    waiting = asyncio.create_task(migrate(empty, []))
    done, _ = await asyncio.wait({waiting}, timeout=0.5)
    assert not done
    await locks.delete_one({"_id": COLLECTION})
    assert await asyncio.wait_for(waiting, DEADLINE_S) == [*PLUMBING]


async def test_the_inbox_is_kept_longer_than_a_command_topic(empty: Store):
    await migrate(empty, [])
    indexes = await empty.collection(inbox.COLLECTION).index_information()
    assert [each.get("expireAfterSeconds") for each in indexes.values()] == [None, inbox.KEPT_S]
    assert inbox.KEPT_S == 14 * 24 * 3600
