"""One at a time: a lease by mongod's own clock, taken over when abandoned."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from shared.mongo.client import Store
from shared.mongo.lease import ABANDONED_S, COLLECTION, Lease, LeaseTaken, held


async def abandon(store: Store) -> None:
    at = datetime.now(UTC) - timedelta(seconds=ABANDONED_S + 5)
    await store.collection(COLLECTION).update_one({"_id": "x"}, {"$set": {"at": at}})


async def test_of_many_who_ask_one_gets_it(store: Store):
    leases = [Lease(store, "x") for _ in range(8)]
    outcomes = await asyncio.gather(*(each.take() for each in leases), return_exceptions=True)
    assert sorted(type(each).__name__ for each in outcomes) == ["LeaseTaken"] * 7 + ["NoneType"]


async def test_it_is_free_again_once_given_back_whatever_happened(store: Store):
    async def fail() -> None:
        async with held(store, "x"):
            raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        await fail()
    async with held(store, "x"), held(store, "y"):
        with pytest.raises(LeaseTaken):
            await Lease(store, "x").take()


async def test_an_abandoned_one_is_taken_over_and_its_holder_told(store: Store):
    first, second = Lease(store, "x"), Lease(store, "x")
    await first.take()
    await first.renew()
    await abandon(store)
    await second.take()
    with pytest.raises(LeaseTaken):
        await first.renew()
    await first.release()  # gives back nothing that is another's
    await second.renew()


async def test_a_renewed_one_is_not_abandoned(store: Store):
    lease = Lease(store, "x")
    await lease.take()
    await abandon(store)
    await lease.renew()
    with pytest.raises(LeaseTaken):
        await Lease(store, "x").take()
