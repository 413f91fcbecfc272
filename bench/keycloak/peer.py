"""Keycloak as a row uses it: brought, started, given a realm, put to sleep between rounds."""

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from bench.keycloak.distribution import keycloak_home, keycloak_version
from bench.keycloak.realm import Realm, make_realm
from bench.keycloak.server import HEAP, Keycloak
from bench.load.plan import run_load
from bench.stage import Stage
from bench.wire import Unfinished
from services.identity.hashing import LANES, MEMORY_KIB, PASSES
from tests.harness.platform import random_name

CLIENTS = 16
CREATED = 201
PER_ACCOUNT_S = 0.5
HASH = {
    "algorithm": "argon2",
    "type": "id",
    "memory": str(MEMORY_KIB),
    "iterations": PASSES,
    "parallelism": str(LANES),
}
"""What Keycloak must say of the passwords that it keeps, or nothing can be compared."""


@dataclass(frozen=True)
class Peer:
    """One Keycloak and its realm."""

    keycloak: Keycloak
    realm: Realm

    @property
    def said(self) -> str:
        """What runs in front of us, in French."""
        return (
            f"En face : Keycloak {keycloak_version()}, tas de {HEAP} au plus, sa propre base H2 "
            "dans le même processus, détection des essais répétés en marche."
        )

    async def create_all(self, names: Sequence[str], password: str) -> None:
        """Accounts, as fast as they can be made."""
        asked = self.realm.creations(names, password)
        told = await run_load(
            "http_clients", asked.plan(CLIENTS, len(names) * PER_ACCOUNT_S, once=True)
        )
        if told["statuses"] != {str(CREATED): len(names)}:
            raise Unfinished(f"Keycloak: {told['statuses']} for {len(names)} accounts")

    def check_hash(self, name: str) -> None:
        """Raises `Unfinished` unless Keycloak hashes with our parameters."""
        kept = self.realm.hash_settings(name)
        if differs := {each: kept.get(each) for each in HASH if kept.get(each) != HASH[each]}:
            raise Unfinished(f"Keycloak hashes otherwise than we do: {differs}")


async def running_peer(stage: Stage, stack: ExitStack) -> Peer:
    """A fresh Keycloak with an empty realm, asleep. Raises `Skipped` if it cannot be brought."""
    home = await asyncio.to_thread(keycloak_home)
    directory = stage.servers.directory / f"keycloak-{random_name()}"
    keycloak = await asyncio.to_thread(stack.enter_context, Keycloak(home, directory))
    with keycloak.awake():
        return Peer(keycloak, await asyncio.to_thread(make_realm, keycloak))
