"""The driver's only seam: concerns, dates, transactions bounded and given up."""

import asyncio
import threading
from typing import Any

import pytest
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ConnectionFailure,
    DuplicateKeyError,
    OperationFailure,
    PyMongoError,
)

from deploy.local.ports import free_port
from shared.errors import Bug, InvalidMessage, Unavailable
from shared.mongo import client as module
from shared.mongo.client import Store, StoreError, is_duplicate_key, is_write_conflict
from shared.mongo.faults import MongoFaults
from tests.harness.polling import eventually

TAKEN = {"code": 11000}
CONFLICT = {"code": 112}


def bulk(*errors: dict[str, Any]) -> BulkWriteError:
    return BulkWriteError({"writeErrors": list(errors)})


def test_writes_are_asked_of_a_majority_with_a_journal():
    store = Store("mongodb://127.0.0.1:1", "x", service="tiny")
    assert store.client.write_concern.document == {"w": "majority", "j": True}
    assert store.client.read_concern.document == {"level": "majority"}
    assert store.client.delegate.options.retry_writes
    assert store.client.delegate.options.timeout == module.OPERATION_TIMEOUT_MS / 1000
    store.close()


async def test_dates_come_back_aware(store: Store):
    await store.collection("counters").insert_one({"_id": "d", "at": module.STAMPED_BY_SERVER})
    await store.collection("counters").update_one({"_id": "d"}, {"$currentDate": {"date": True}})
    row = await store.collection("counters").find_one({"_id": "d"})
    assert row is not None
    assert row["date"].tzinfo is not None
    assert row["at"].time > 0


async def test_documents_are_changed_or_made_each_by_its_own_pipeline(store: Store):
    counters = store.collection("counters")
    add: list[dict[str, Any]] = [{"$set": {"total": {"$add": [{"$ifNull": ["$total", 0]}, 1]}}}]
    same: list[dict[str, Any]] = [{"$set": {"total": "$total"}}]
    assert await module.update_each(counters, {"a": add, "b": add}) == 2
    assert await module.update_each(counters, {"a": add, "b": same}) == 1
    rows = {row["_id"]: row["total"] async for row in counters.find()}
    assert rows == {"a": 2, "b": 1}


async def test_a_store_that_is_away_is_told_within_the_bound():
    store = Store(f"mongodb://127.0.0.1:{free_port()}/?replicaSet=rs0", "x", service="tiny")
    try:
        async with asyncio.timeout(5):
            with pytest.raises(StoreError) as caught:
                await store.ping(0.3)
    finally:
        store.close()
    assert MongoFaults().is_transient(caught.value)


async def test_a_transaction_is_given_up_on_any_error(store: Store):
    def fail() -> None:
        with store.transaction(5.0) as exchange:
            exchange.insert("counters", [{"_id": "x"}])
            raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        fail()
    assert await store.collection("counters").count_documents({}) == 0


async def test_what_is_said_apart_comes_to_its_end_though_nobody_waits(store: Store):
    begun, go_on = threading.Event(), threading.Event()

    def write() -> None:
        with store.transaction(5.0) as exchange:
            exchange.insert("counters", [{"_id": "x"}])
            begun.set()
            go_on.wait(5.0)

    waiting = asyncio.create_task(store.apart(write))
    await eventually(begun.is_set, 5, "written")
    waiting.cancel()
    await asyncio.wait({waiting})
    go_on.set()
    counters = store.collection("counters")
    await eventually(lambda: counters.find_one({"_id": "x"}), 5, "committed")


class Session:
    """A session whose commit answers as told."""

    def __init__(self, *answers: PyMongoError | None) -> None:
        self.answers = list(answers)

    def commit_transaction(self) -> None:
        answer = self.answers.pop(0)
        if answer is not None:
            raise answer


def unknown() -> PyMongoError:
    return ConnectionFailure("gone", error_labels=["UnknownTransactionCommitResult"])


def test_a_commit_whose_result_is_unknown_is_asked_again_and_not_for_ever():
    patient = Session(unknown(), unknown(), None)
    module._commit(patient)  # type: ignore[arg-type]
    assert patient.answers == []
    hopeless = Session(*(unknown() for _ in range(5)))
    with pytest.raises(ConnectionFailure):
        module._commit(hopeless)  # type: ignore[arg-type]
    assert len(hopeless.answers) == 5 - module.COMMIT_TRIES


def test_a_commit_that_was_refused_is_not_asked_again():
    session = Session(OperationFailure("no", 251), None)
    with pytest.raises(OperationFailure):
        module._commit(session)  # type: ignore[arg-type]
    assert session.answers == [None]


@pytest.mark.parametrize(
    ("error", "transient", "conflict"),
    [
        (DuplicateKeyError("taken", 11000), False, False),
        (bulk(TAKEN, TAKEN), False, False),
        (bulk(TAKEN, CONFLICT), True, True),
        (bulk({"code": 121}), True, False),
        (BulkWriteError({"writeErrors": [], "writeConcernErrors": [{"code": 64}]}), True, False),
        (OperationFailure("conflict", 112), True, True),
        (OperationFailure("no such transaction", 251), True, False),
        (OperationFailure("lock timeout", 24), True, False),
        (AutoReconnect("primary changed"), True, False),
        (Unavailable(), True, False),
        (InvalidMessage("odd"), False, False),
        (Bug("event_too_large"), False, False),
        (ValueError("of a decision"), False, False),
        (KeyError("of a decision"), False, False),
    ],
    ids=repr,
)
def test_only_a_taken_key_and_what_parse_or_decide_raise_are_a_messages_fault(
    error: Exception, transient: bool, conflict: bool
):
    faults = MongoFaults()
    assert faults.is_transient(error) is transient
    assert faults.is_conflict(error) is conflict


def test_a_taken_key_is_told_from_a_conflict():
    assert is_duplicate_key(bulk(TAKEN))
    assert not is_duplicate_key(bulk(TAKEN, CONFLICT))
    assert not is_duplicate_key(BulkWriteError({}))
    assert is_write_conflict(bulk(CONFLICT))
