"""The local MongoDB keeps what was acknowledged, whatever happens to its process."""

import os
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from deploy.local.mongod import HISTORY_S, Mongod, mongod_binary
from tests.harness.polling import eventually

pytestmark = pytest.mark.connected
Client = MongoClient[dict[str, Any]]


def test_acknowledged_writes_survive_a_kill(mongod: Mongod) -> None:
    address, pid = mongod.address, mongod.pid
    with Client(address, w="majority", journal=True) as client:
        client.a.b.insert_one({"_id": 1})
        mongod.kill()
        assert not mongod.running
        mongod.restart()
        assert mongod.address == address
        assert mongod.pid != pid
        assert client.a.b.find_one({"_id": 1}) == {"_id": 1}
        client.a.b.insert_one({"_id": 2})


def test_clean_stop_and_restart(mongod: Mongod) -> None:
    with Client(mongod.address) as client:
        client.a.b.insert_one({"_id": 1})
        mongod.restart()
        assert client.a.b.count_documents({}) == 1
    mongod.stop()
    assert mongod.process.exit_code == 0


def test_transactions_and_change_streams_work(mongod: Mongod) -> None:
    with Client(mongod.address) as client:
        client.a.b.insert_one({"_id": 0})
        with client.a.b.watch() as changes:
            with client.start_session() as session, session.start_transaction():
                client.a.b.insert_one({"_id": 1}, session=session)
                client.a.c.insert_one({"_id": 1}, session=session)
            assert changes.next()["documentKey"] == {"_id": 1}


async def test_orphaned_transaction_frees_its_locks(mongod: Mongod) -> None:
    mongod.limit_transactions(1)
    with Client(mongod.address) as client:
        client.a.b.insert_one({"_id": 1, "n": 0})
        orphan = client.start_session()
        orphan.start_transaction()
        client.a.b.update_one({"_id": 1}, {"$inc": {"n": 1}}, session=orphan)

        def free() -> bool:
            with client.start_session() as session, session.start_transaction():
                changed = client.a.b.update_one({"_id": 1}, {"$inc": {"n": 1}}, session=session)
            return changed.modified_count == 1

        await eventually(free, 10, "the lock freed", ignoring=(OperationFailure,))
        assert client.a.b.find_one({"_id": 1}) == {"_id": 1, "n": 1}


def test_limit_holds_after_a_restart(mongod: Mongod) -> None:
    mongod.limit_transactions(2)
    mongod.restart()
    with Client(mongod.address) as client:
        parameters = client.admin.command("getParameter", 1, transactionLifetimeLimitSeconds=1)
    assert parameters["transactionLifetimeLimitSeconds"] == 2


def test_history_is_as_short_as_told(mongod: Mongod) -> None:
    """What it buys is measured (`make bench`, commands), not tested."""
    with Client(mongod.address) as client:
        parameters = client.admin.command("getParameter", 1, minSnapshotHistoryWindowInSeconds=1)
    assert parameters["minSnapshotHistoryWindowInSeconds"] == HISTORY_S


def test_binary_is_made_executable() -> None:
    assert os.access(mongod_binary(), os.X_OK)
