"""Sign-ins by password, 16 clients: identity beside Keycloak, one Argon2id for both."""

import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from bench.accounts import account_rows, draw_users, identifiant_of, identifiant_rows
from bench.cpu import CpuWatch, rss_mb
from bench.entitled import entitled_platform
from bench.figures import Figure, compare
from bench.keycloak.peer import Peer, running_peer
from bench.load.plan import Asked, run_load
from bench.rounds import Measured, Series, alternate, cores_notes
from bench.scale import Scale
from bench.stage import OurRunner, Stage
from bench.timing import middle_rate, percentile
from bench.wire import Unfinished
from deploy.local.environment import PlatformSettings
from services.identity.hashing import LANES, MEMORY_KIB, PASSES, ArgonHasher
from tests.harness.platform import Platform
from tests.harness.polling import eventually

RATE_BAR, P95_BAR, MEMORY_BAR = 2.5, 2.0, 6.0
"""Two and a half times its rate, half its 95th percentile, a sixth of its memory (ADR-0002)."""
PASSWORD = "Soleil-couchant-2026"  # noqa: S105
"""Everybody's, and made for this bench."""
CREATED, OK = 201, 200
SETTLE_S = 60


@dataclass(frozen=True)
class Came:
    """What one round of sign-ins gave."""

    per_s: float
    p95_ms: float
    median_ms: float
    memory_mb: float


@dataclass(frozen=True)
class Ours:
    """One process of identity, the accounts behind it, and what is left to do after a round."""

    stage: Stage
    runner: OurRunner
    asked: Asked
    settled: Callable[[], bool]


async def measure(stage: Stage, scale: Scale) -> list[Figure]:
    """Rate, 95th percentile and memory; without a peer, ours alone."""
    with ExitStack() as stack:
        peer = await running_peer(stage, stack) if scale.peers else None
        async with entitled_platform(stage) as platform:
            ours = partial(_ours, await _prepared(stage, platform, scale.accounts), scale)
            if peer is None:
                (a,), b = await alternate(scale.rounds, ours), Series[Came]()
                notes = []
            else:
                theirs = await _their_sign_ins(peer, scale)
                a, b = await alternate(scale.rounds, ours, partial(_theirs, peer, theirs, scale))
                notes = [peer.said]
            held = rss_mb(stage.server_pids()["mongod"][0])
    return _figures(stage, scale, a, b, [*notes, f"mongod tient {held:.0f} Mo de plus."])


async def _prepared(stage: Stage, platform: Platform, count: int) -> Ours:
    """So many people with a password of their own."""
    users = draw_users(count)
    hash = await ArgonHasher(_pepper(platform.settings)).hash(PASSWORD)
    database = platform.database("identity")
    database["comptes"].insert_many(account_rows(users, hash))
    database["identifiants"].insert_many(identifiant_rows(users))
    replica = platform.new_replica("identity")
    forms = [{"identifiant": identifiant_of(id), "mot_de_passe": PASSWORD} for id in users]
    asked = Asked(
        ports=[int(replica.url.rpartition(":")[2])],
        method="POST",
        headers={"Content-Type": "application/json"},
        requests=[("/sessions", json.dumps(form)) for form in forms],
    )
    outbox = database["outbox"]
    return Ours(stage, OurRunner(replica), asked, lambda: not outbox.count_documents({}))


def _pepper(settings: PlatformSettings) -> str:
    return settings.environment("identity", 0)["IDENTITY_PEPPER"]


async def _their_sign_ins(peer: Peer, scale: Scale) -> Asked:
    """As many people in a realm of Keycloak, and its JVM warmed up on what is asked of it."""
    names = draw_users(scale.accounts)
    asked = peer.realm.sign_ins(names, PASSWORD)
    with peer.keycloak.awake():
        await peer.create_all(names, PASSWORD)
        peer.check_hash(names[0])
        await run_load("http_clients", asked.plan(scale.clients, scale.peer_warm_up_s))
    return asked


async def _ours(ours: Ours, scale: Scale) -> Measured[Came]:
    """One round of identity, with a fresh process."""
    await ours.runner.start()
    try:
        pids = {"identity": [ours.runner.pid]} | ours.stage.server_pids()
        measured = await _came(ours.asked, scale, pids, ours.runner.pid, CREATED)
        await eventually(ours.settled, SETTLE_S, "all published")
        return measured
    finally:
        await ours.runner.stop()


async def _theirs(peer: Peer, asked: Asked, scale: Scale) -> Measured[Came]:
    """One round of Keycloak, which is the same process all along: a JVM is slow when it is new."""
    with peer.keycloak.awake():
        pid = peer.keycloak.pid
        return await _came(asked, scale, {"Keycloak": [pid]}, pid, OK)


async def _came(
    asked: Asked, scale: Scale, pids: dict[str, list[int]], pid: int, expected: int
) -> Measured[Came]:
    await run_load("http_clients", asked.plan(scale.clients, scale.warm_up_s))
    watch = CpuWatch(pids)
    told = await run_load("http_clients", asked.plan(scale.clients, scale.sign_in_s))
    cores = watch.cores()
    if set(told["statuses"]) != {str(expected)}:
        raise Unfinished(f"statuses {told['statuses']}")
    came = Came(
        per_s=middle_rate(told["moments_s"]),
        p95_ms=percentile(told["latencies_ms"], 0.95),
        median_ms=percentile(told["latencies_ms"], 0.5),
        memory_mb=rss_mb(pid),
    )
    return Measured(came, cores)


def _figures(
    stage: Stage, scale: Scale, a: Series[Came], b: Series[Came], notes: list[str]
) -> list[Figure]:
    load = f"{scale.accounts} comptes, {scale.clients} clients, {scale.sign_in_s:.0f} s par manche."
    hash = f"Argon2id des deux côtés : {MEMORY_KIB} Kio, {PASSES} passes, {LANES} voie."
    memory = ["Mémoire résidente du processus à la fin de chaque manche.", *notes]
    return [
        compare(
            name,
            [getattr(each, field) for each in a.values],
            [getattr(each, field) for each in b.values],
            unit,
            bar=bar,
            broker=stage.broker,
            lower_is_better=name != "sign_ins",
            notes=more,
        )
        for name, field, unit, bar, more in (
            ("sign_ins", "per_s", "connexions/s", RATE_BAR, [load, hash, *cores_notes(a, b)]),
            ("sign_in_median", "median_ms", "ms", None, [load]),
            ("sign_in_p95", "p95_ms", "ms", P95_BAR, [load]),
            ("sign_in_memory", "memory_mb", "Mo", MEMORY_BAR, memory),
        )
    ]
