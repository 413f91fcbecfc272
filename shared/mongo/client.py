"""The driver's only seam: one client per process, majority concerns, aware dates."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pymongo
from bson import Timestamp
from bson.codec_options import CodecOptions
from motor.motor_asyncio import (
    AsyncIOMotorClient,
    AsyncIOMotorClientSession,
    AsyncIOMotorCollection,
    AsyncIOMotorDatabase,
)
from pymongo import UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

Session = AsyncIOMotorClientSession
Database = AsyncIOMotorDatabase[dict[str, Any]]
Collection = AsyncIOMotorCollection[dict[str, Any]]
StoreError = PyMongoError

OPERATION_TIMEOUT_MS = 10_000
"""Bound of one operation, retries included (assumed)."""
HEARTBEAT_MS = 1_000
"""How often the driver measures how far the server is (assumed; 10 s by default). The answer to a
question that a frozen server was asked counts as its distance: until there is another, the driver
sends it nothing that has less time than that."""
DUPLICATE_KEY, WRITE_CONFLICT = 11000, 112
"""MongoDB's codes for a broken unique index, and for a document that another writer holds."""
STAMPED_BY_SERVER = Timestamp(0, 0)
"""mongod puts its own time where a document to insert holds this value."""
_MAJORITY = WriteConcern("majority", j=True)


class Store:
    """The MongoDB store of one service."""

    def __init__(self, uri: str, database: str, *, service: str) -> None:
        self.client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
            uri,
            appname=service,
            tz_aware=True,
            uuidRepresentation="standard",
            w="majority",
            journal=True,
            readConcernLevel="majority",
            readPreference="primary",
            retryWrites=True,
            retryReads=True,
            serverSelectionTimeoutMS=5_000,
            connectTimeoutMS=3_000,
            heartbeatFrequencyMS=HEARTBEAT_MS,
            timeoutMS=OPERATION_TIMEOUT_MS,
            maxPoolSize=50,
        )
        self.database: Database = self.client.get_database(
            database, codec_options=CodecOptions(tz_aware=True)
        )

    def collection(self, name: str) -> Collection:
        """One collection by name."""
        return self.database.get_collection(name)

    async def ping(self, timeout_s: float = 2.0) -> None:
        """Answer when the primary does; raises `StoreError` otherwise."""
        with pymongo.timeout(timeout_s):
            await self.database.command("ping")

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Session]:
        """Reads that all see one moment, outside any transaction."""
        async with await self.client.start_session(snapshot=True) as session:
            yield session

    @asynccontextmanager
    async def transaction(self, deadline_s: float) -> AsyncIterator[Session]:
        """One transaction, one attempt: committed at the end, given up on any error.

        What is done in it is bounded by `deadline_s`, and so is the commit, which alone is tried
        again while its result is unknown. Giving up has its own time: a transaction that missed
        its deadline and were left open would hold its locks against the next attempt.
        """
        async with await self.client.start_session() as session:
            session.start_transaction(read_concern=ReadConcern("snapshot"), write_concern=_MAJORITY)
            try:
                with pymongo.timeout(deadline_s):
                    yield session
            except BaseException:
                with pymongo.timeout(GIVE_UP_S):
                    await _give_up(session)
                raise
            with pymongo.timeout(deadline_s):
                await _commit(session)

    def close(self) -> None:
        """Close every connection."""
        self.client.close()


async def update_each(
    collection: Collection, updates: Mapping[str, Sequence[Mapping[str, Any]]]
) -> int:
    """Change documents by id, or make them, each by its own pipeline, in one exchange.

    Each change is atomic, all together are not. Returns how many were made, or became different.
    """
    operations = [UpdateOne({"_id": id}, [*stages], upsert=True) for id, stages in updates.items()]
    done = await collection.bulk_write(operations, ordered=False)
    return done.modified_count + done.upserted_count


GIVE_UP_S = 1.0
"""Bound of telling the server that a transaction is given up (assumed)."""
COMMIT_TRIES = 3
"""Tries of a commit whose result is unknown before the whole group is tried again (assumed)."""


async def _commit(session: Session) -> None:
    for attempt in range(1, COMMIT_TRIES + 1):
        try:
            await session.commit_transaction()
        except PyMongoError as error:
            unknown = error.has_error_label("UnknownTransactionCommitResult")
            if not unknown or attempt == COMMIT_TRIES:
                raise
        else:
            return


async def _give_up(session: Session) -> None:
    await session.abort_transaction()  # the driver swallows what the server answers


def is_duplicate_key(error: BaseException) -> bool:
    """Whether a store error means that a natural key or an id is already taken."""
    if isinstance(error, DuplicateKeyError):
        return True
    return isinstance(error, BulkWriteError) and only_duplicate_keys(error.details)


def only_duplicate_keys(details: Mapping[str, Any] | None) -> bool:
    """Whether all that a bulk write complains of are duplicate keys."""
    errors = (details or {}).get("writeErrors", [])
    return bool(errors) and all(error.get("code") == DUPLICATE_KEY for error in errors)


def is_write_conflict(error: BaseException) -> bool:
    """Whether another writer was faster (MongoDB code 112): try again, smaller."""
    if isinstance(error, BulkWriteError):
        errors = (error.details or {}).get("writeErrors", [])
        return any(entry.get("code") == WRITE_CONFLICT for entry in errors)
    return getattr(error, "code", None) == WRITE_CONFLICT
