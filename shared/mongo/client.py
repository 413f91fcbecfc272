"""The driver's only seam: one client per process, majority concerns, aware dates."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

import pymongo
from bson import Timestamp
from bson.codec_options import CodecOptions
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo import UpdateOne
from pymongo.client_session import ClientSession
from pymongo.errors import BulkWriteError, DuplicateKeyError, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

P = ParamSpec("P")
R = TypeVar("R")

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
THREADS = 16
"""Exchanges at once (assumed): the one committer, the sweeper, and slow preparations that read."""
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
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="store")

    def collection(self, name: str) -> Collection:
        """One collection by name."""
        return self.database.get_collection(name)

    async def ping(self, timeout_s: float = 2.0) -> None:
        """Answer when the primary does; raises `StoreError` otherwise."""
        with pymongo.timeout(timeout_s):
            await self.database.command("ping")

    async def apart(self, work: Callable[P, R], *args: P.args, **options: P.kwargs) -> R:
        """Have an exchange in a thread: however many statements it makes, the loop is left and
        joined once. One that nobody waits for any more comes to its end by itself.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: work(*args, **options))

    @property
    def committed(self) -> "Exchange":
        """What is said outside any transaction: reads see what was last committed."""
        return Exchange(self.database.delegate, None)

    @contextmanager
    def snapshot(self) -> Iterator["Exchange"]:
        """Reads that all see one moment, outside any transaction."""
        with self.client.delegate.start_session(snapshot=True) as session:
            yield Exchange(self.database.delegate, session)

    @contextmanager
    def transaction(self, deadline_s: float) -> Iterator["Exchange"]:
        """One transaction, one attempt: committed at the end, given up on any error.

        What is done in it is bounded by `deadline_s`, and so is the commit, which alone is tried
        again while its result is unknown. Giving up has its own time: a transaction that missed
        its deadline and were left open would hold its locks against the next attempt.
        """
        with self.client.delegate.start_session() as session:
            session.start_transaction(read_concern=ReadConcern("snapshot"), write_concern=_MAJORITY)
            try:
                with pymongo.timeout(deadline_s):
                    yield Exchange(self.database.delegate, session)
            except BaseException:
                with pymongo.timeout(GIVE_UP_S):
                    session.abort_transaction()  # the driver swallows what the server answers
                raise
            with pymongo.timeout(deadline_s):
                _commit(session)

    def close(self) -> None:
        """Close every connection; an exchange under way fails."""
        self.client.close()
        self._threads.shutdown(wait=False, cancel_futures=True)


class Exchange:
    """Statements said to mongod one after the other by one thread, with the driver that Motor is
    made of. Rows are looked up and written by collection.
    """

    def __init__(
        self, database: pymongo.database.Database[Any], session: ClientSession | None
    ) -> None:
        self._database = database
        self._session = session

    def find(self, name: str, wanted: Mapping[str, Any], *, batch_size: int = 0) -> list[Any]:
        """The rows that a filter wants; all in one answer, if one batch holds them."""
        found = self._database[name].find(wanted, session=self._session, batch_size=batch_size)
        return found.to_list()

    def aggregate(self, name: str, stages: Sequence[Mapping[str, Any]]) -> list[Any]:
        """The rows that a pipeline makes."""
        return self._database[name].aggregate(stages, session=self._session).to_list()

    def insert(self, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """New rows; a taken id or natural key raises a duplicate key."""
        self._database[name].insert_many(rows, ordered=False, session=self._session)

    def write(self, name: str, operations: Sequence[Any]) -> None:
        """Changes and new rows, in order: what follows a failed one would only hide its error."""
        self._database[name].bulk_write(operations, ordered=True, session=self._session)


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


def _commit(session: ClientSession) -> None:
    for attempt in range(1, COMMIT_TRIES + 1):
        try:
            session.commit_transaction()
        except PyMongoError as error:
            unknown = error.has_error_label("UnknownTransactionCommitResult")
            if not unknown or attempt == COMMIT_TRIES:
                raise
        else:
            return


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
