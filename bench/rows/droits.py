"""Decisions about rights: in our process beside pycasbin, beside OpenFGA; rights taken away."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from statistics import median

import casbin

from bench.cpu import CpuWatch
from bench.figures import Figure, against_limit, compare
from bench.load.plan import Asked, run_load
from bench.openfga.distribution import VERSION, openfga
from bench.openfga.server import OpenFga
from bench.rounds import Measured, Skipped, alternate, cores_notes
from bench.scale import Scale
from bench.stage import OurRunner, Stage
from bench.timing import middle_rate, percentile
from bench.ville import CDAP, Ville, rows
from bench.wire import Unfinished
from shared.clock import Clock
from shared.contracts import habilitation, identity
from shared.contracts.habilitation import SERVICE as HABILITATION
from shared.contracts.platform import ProcessBeat
from shared.droits.droits import Droits
from shared.droits.projection import PROJECTIONS
from shared.kafka.staleness import Staleness
from shared.mongo.client import Store
from tests.harness.heartbeats import heartbeats
from tests.harness.platform import Platform
from tests.harness.polling import eventually
from tests.shared.droits.probe import MODULES, SERVICE, TOPICS
from tests.shared.droits.revoking import measure_revocations
from tests.shared.droits.running import probing

DECISION_MS = 0.05
"""95th percentile of a decision in memory (ADR-0021)."""
EXPLANATION_MS = 0.2
"""The same with its explanation (ADR-0021)."""
CASBIN_BAR = 50.0
"""How much faster than pycasbin on the same data (reliability goals: its median was 82 ms)."""
REVOKED_MS = 1_000.0
"""99th percentile of a revocation seen elsewhere (G-30)."""
CLIENTS = 16
OK = 200
READY_S = 60
PER_GROUPE = 10
"""People to a group."""
US = 1e6
CASBIN_MODEL = """
[request_definition]
r = sub, dom, obj
[policy_definition]
p = sub, dom, obj
[role_definition]
g = _, _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = g(r.sub, p.sub, r.dom) && r.dom == p.dom && r.obj == p.obj
"""
"""Roles with domains: a group carries a service in a convention, a person has the group there."""


@dataclass
class Inside:
    """What a decision needs of a process: its store, and a copy that is fresh."""

    store: Store
    clock: Clock = field(default_factory=Clock)
    staleness: dict[str, Staleness] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Time stands still for the age of the copy: nothing is told during the measure."""
        nothing_held_back = ProcessBeat(
            process_id="bench",
            service=HABILITATION,
            release="bench",
            oldest_pending_s=0.0,
            at=self.clock.now(),
        )
        for each in PROJECTIONS:
            fresh = Staleness(HABILITATION, lambda: 0.0)
            fresh.saw({})
            fresh.heard(nothing_held_back)
            self.staleness[each.topic] = fresh


async def measure(stage: Stage, scale: Scale) -> list[Figure]:
    """In process, over HTTP, and how soon a revocation is seen."""
    ville = Ville.draw(scale.entitled, scale.entitled // PER_GROUPE)
    figures = await _in_process(stage, scale, ville)
    figures.append(await _revocations(stage, scale))
    if not scale.peers:
        return figures
    try:
        return figures + await _beside_openfga(stage, scale, ville, figures[0].ours)
    except Skipped as reason:
        print(f"[{stage.broker}] OpenFGA est laissé de côté : {reason}", flush=True)
        return figures


# -- in one process -------------------------------------------------------------------------------


async def _in_process(stage: Stage, scale: Scale, ville: Ville) -> list[Figure]:
    engine = _casbin(ville)
    async with _remembering(stage, ville) as droits:
        await _check_ours(droits, ville)
        asked = ville.questions(ALIKE)
        _check([engine.enforce(id, ville.convention_of(id), of) for id, of in asked], ville)
        decided, explained, beside = await alternate(
            scale.rounds,
            partial(_timed_ours, droits.decide, ville.questions(scale.decisions)),
            partial(_timed_ours, droits.explain, ville.questions(scale.decisions)),
            partial(_timed_casbin, engine, ville, scale.casbin),
        )
        kept = (
            f"En mémoire : {len(droits.memoire)} personnes, "
            f"{droits.memoire.octets / 1e6:.1f} Mo.".replace(".", ",", 1)
        )
    people = f"{len(ville.people)} personnes, {len(ville.groupes)} groupes ; p95 d’une décision."
    return [
        compare(
            "droits_decision",
            decided.values,
            beside.values,
            "µs",
            bar=CASBIN_BAR,
            broker=stage.broker,
            lower_is_better=True,
            notes=[
                people,
                f"En face : pycasbin, mêmes données, {scale.casbin} décisions par manche.",
                kept,
            ],
        ),
        against_limit(
            "droits_decision_limite",
            decided.values,
            DECISION_MS * 1e3,
            "µs",
            broker=stage.broker,
            notes=[people],
        ),
        against_limit(
            "droits_explication",
            explained.values,
            EXPLANATION_MS * 1e3,
            "µs",
            broker=stage.broker,
            notes=["La décision et ses phrases, maillon par maillon."],
        ),
    ]


@asynccontextmanager
async def _remembering(stage: Stage, ville: Ville) -> AsyncIterator[Droits]:
    """Everybody's rights in memory, read from a store."""
    database = stage.bare_database()
    for name, kept in rows(ville.facts()).items():
        database[name].insert_many(kept, ordered=False)
    store = Store(stage.servers.mongo, database.name, service="bench")
    droits = Droits(most=len(ville.people))
    following = asyncio.create_task(droits.follow(Inside(store)))
    try:
        await eventually(lambda: droits.memoire.is_open, READY_S, "changes are followed")
        await droits.load(ville.people)
        yield droits
    finally:
        following.cancel()
        await asyncio.wait({following})
        store.close()
        stage.mongo.drop_database(database.name)


async def _timed_ours(
    ask: Callable[[str, str], Awaitable[object]], questions: Sequence[tuple[str, str]]
) -> Measured[float]:
    spent = []
    for user_id, service in questions:
        started = time.perf_counter()
        await ask(user_id, service)
        spent.append((time.perf_counter() - started) * US)
    return Measured(percentile(spent, 0.95), {})


async def _timed_casbin(engine: casbin.Enforcer, ville: Ville, count: int) -> Measured[float]:
    spent = []
    for user_id, service in ville.questions(count):
        started = time.perf_counter()
        engine.enforce(user_id, ville.convention_of(user_id), service)
        spent.append((time.perf_counter() - started) * US)
    return Measured(percentile(spent, 0.95), {})


def _casbin(ville: Ville) -> casbin.Enforcer:
    model = casbin.Model()
    model.load_model_from_text(CASBIN_MODEL)
    engine = casbin.Enforcer(model)
    engine.add_policies([[groupe, numero, str(of)] for numero, groupe, of in ville.roles()])
    engine.add_grouping_policies(
        [[id, groupe, ville.convention_of(id)] for id, groupe in ville.members()]
    )
    return engine


ALIKE = 40
"""Questions to which each must know the answer before anything is measured."""


async def _check_ours(droits: Droits, ville: Ville) -> None:
    asked = ville.questions(ALIKE)
    _check([(await droits.decide(*each)).is_granted for each in asked], ville)


def _check(answers: list[bool], ville: Ville) -> None:
    if answers != [ville.has(*each) for each in ville.questions(ALIKE)]:
        raise Unfinished("somebody does not decide as the others do")


# -- over HTTP ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Came:
    """What one round of questions over HTTP gave: alone, then with all clients."""

    p95_us: float
    per_s: float


async def _beside_openfga(stage: Stage, scale: Scale, ville: Ville, ours_us: float) -> list[Figure]:
    program = await asyncio.to_thread(openfga)
    asked = ville.questions(scale.decisions)
    with ExitStack() as stack:
        server = await asyncio.to_thread(
            stack.enter_context, OpenFga(program, stage.servers.directory / "openfga")
        )
        await asyncio.to_thread(server.tell, ville)
        _check([server.check(ville, *each) for each in ville.questions(ALIKE)], ville)
        async with _probe(stage, ville) as runner:
            pids = {SERVICE: [runner.pid]} | stage.server_pids()
            a, b = await alternate(
                scale.rounds,
                partial(_came, _our_requests(runner, asked), scale, pids),
                partial(_theirs, server, server.asked(ville, asked), scale),
            )
    said = f"En face : OpenFGA {VERSION} sur la boucle locale, base en mémoire, sans son cache."
    return [
        compare(
            "droits_openfga",
            [ours_us],
            [each.p95_us for each in b.values],
            "µs",
            bar=None,
            broker=stage.broker,
            lower_is_better=True,
            notes=["p95 ; nous dans le processus, lui par HTTP, un client.", said],
        ),
        compare(
            "droits_http",
            [each.per_s for each in a.values],
            [each.per_s for each in b.values],
            "décisions/s",
            bar=None,
            broker=stage.broker,
            notes=[
                f"Par HTTP des deux côtés, {CLIENTS} clients.",
                (
                    "p95 d’un client seul : nous "
                    f"{median(each.p95_us for each in a.values):.0f} µs, "
                    f"lui {median(each.p95_us for each in b.values):.0f} µs."
                ),
                said,
                *cores_notes(a, b),
            ],
        ),
    ]


@asynccontextmanager
async def _probe(stage: Stage, ville: Ville) -> AsyncIterator[OurRunner]:
    """The smallest service that decides, with everybody in its copy."""
    platform = Platform(
        stage.servers, (SERVICE,), replicas={SERVICE: 0}, modules=MODULES, topics=TOPICS
    )
    async with platform, heartbeats(platform, (identity.SERVICE, habilitation.SERVICE)):
        database = platform.database(SERVICE)
        for name, kept in rows(ville.facts()).items():
            database[name].insert_many(kept, ordered=False)
        runner = OurRunner(platform.new_replica(SERVICE))
        await runner.start()
        client = await platform.client(runner.replica.url)

        async def decides() -> bool:
            answer = await client.request("GET", f"/acces/{ville.people[0]}/{CDAP}")
            return answer.status_code == OK

        await eventually(decides, READY_S, "the probe decides")
        yield runner
        await runner.stop()


def _our_requests(runner: OurRunner, asked: Sequence[tuple[str, str]]) -> Asked:
    port = int(runner.replica.url.rpartition(":")[2])
    return Asked([port], "GET", {}, [(f"/acces/{id}/{service}", "") for id, service in asked])


async def _theirs(server: OpenFga, asked: Asked, scale: Scale) -> Measured[Came]:
    with server.awake():
        return await _came(asked, scale, {"OpenFGA": [server.pid]})


async def _came(asked: Asked, scale: Scale, pids: dict[str, list[int]]) -> Measured[Came]:
    await run_load("http_clients", asked.plan(CLIENTS, scale.warm_up_s))
    alone = await run_load("http_clients", asked.plan(1, scale.checked_s))
    watch = CpuWatch(pids)
    all_together = await run_load("http_clients", asked.plan(CLIENTS, scale.checked_s))
    cores = watch.cores()
    for told in (alone, all_together):
        if set(told["statuses"]) != {str(OK)}:
            raise Unfinished(f"statuses {told['statuses']}")
    p95 = percentile(alone["latencies_ms"], 0.95) * 1e3
    return Measured(Came(p95, middle_rate(all_together["moments_s"])), cores)


# -- a right taken away ---------------------------------------------------------------------------


async def _revocations(stage: Stage, scale: Scale) -> Figure:
    async with probing(stage.servers) as probe:
        seen = await measure_revocations(probe, scale.revocations)
    if seen.failures:
        raise Unfinished(f"{len(seen.failures)} answers failed: {seen.failures[0][:200]}")
    ms = [each * 1e3 for each in seen.delays_s]
    return against_limit(
        "droits_retrait",
        [percentile(ms, 0.99)],
        REVOKED_MS,
        "ms",
        broker=stage.broker,
        notes=[
            (
                f"p99 de {scale.revocations} retraits, un rôle ou une appartenance, du fait reçu "
                f"par Kafka au dernier oui ; médiane {median(ms):.0f} ms, au plus {max(ms):.0f} ms."
            ),
            f"Dix clients posaient la question sans cesse ({seen.answers} réponses).",
        ],
    )
