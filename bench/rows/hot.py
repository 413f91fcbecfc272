"""Forty hot accounts: commands by topic and requests over HTTP on the same ones, two processes."""

import asyncio
from typing import Any

from bench.cpu import CpuWatch, say_cores
from bench.entitled import entitled_platform
from bench.figures import Figure, against_limit
from bench.lanes import Lane, our_lane
from bench.load.plan import run_load
from bench.rows.http import CLIENTS, OK, changes, seed
from bench.rows.latency import paced_plan
from bench.scale import Scale
from bench.stage import OurRunner, Stage
from bench.timing import percentile
from bench.wire import Unfinished
from tests.harness.platform import Platform

HOT, BY_TOPIC, BY_HTTP = 40, 200, 50
"""Accounts; commands a second by topic; requests a second over HTTP (ADR-0002)."""
P95_MS = 1_000.0
"""The 95th percentile over HTTP must not be above (ADR-0002)."""


async def measure(stage: Stage, scale: Scale) -> list[Figure]:
    """All must be done, and each fact told once per command and per request."""
    async with entitled_platform(stage) as platform:
        lane = await our_lane(stage, platform, replicas=2)
        users, session = seed(platform.database("identity"), HOT)
        await lane.open()
        try:
            await lane.feed(scale.warm_up)
            return [await _measured(stage, scale, platform, lane, users, session)]
        finally:
            await lane.close()


async def _measured(
    stage: Stage, scale: Scale, platform: Platform, lane: Lane, users: list[str], session: str
) -> Figure:
    since = stage.wire.ends(lane.facts)
    before = _counted(platform)
    watch = CpuWatch(lane.pids())
    by_topic, by_http = await asyncio.gather(
        run_load("paced", paced_plan(lane, scale, BY_TOPIC, users, scale.hot_s)),
        run_load(
            "http_clients",
            changes(_ports(lane), users, session).plan(CLIENTS, scale.hot_s, rate=BY_HTTP),
        ),
    )
    cores = watch.cores()
    asked = by_topic["sent"] + len(by_http["moments_s"])
    if by_topic["heard"] < by_topic["sent"] or set(by_http["statuses"]) != {str(OK)}:
        raise Unfinished(f"{by_topic['heard']} of {by_topic['sent']}, {by_http['statuses']}")
    await stage.wire.until_added(lane.facts, since, asked, 60)
    await stage.wire.until_no_lag(lane.group, lane.commands)
    told = sum(stage.wire.ends(lane.facts).values()) - sum(since.values())
    grown = _counted(platform) - before
    if grown != asked:
        raise Unfinished(f"{grown} effects for {asked} commands")
    return against_limit(
        "hot_accounts_http_p95",
        [percentile(by_http["latencies_ms"], 0.95)],
        P95_MS,
        "ms",
        broker=stage.broker,
        notes=_notes(by_topic, by_http, asked, told, say_cores([cores])),
    )


def _ports(lane: Lane) -> list[int]:
    return [
        int(runner.replica.url.rpartition(":")[2])
        for runner in lane.runners
        if isinstance(runner, OurRunner)
    ]


def _counted(platform: Platform) -> int:
    """The events of all accounts so far: one for each command that had its effect."""
    pipeline = [{"$group": {"_id": None, "told": {"$sum": "$seq"}}}]
    groups = list(platform.database("identity")["comptes"].aggregate(pipeline))
    return int(groups[0]["told"]) if groups else 0


def _notes(
    by_topic: dict[str, Any], by_http: dict[str, Any], asked: int, told: int, cores: str
) -> list[str]:
    latencies = by_topic["latencies_ms"]
    topic = (percentile(latencies, share) for share in (0.5, 0.95))
    http = (percentile(by_http["latencies_ms"], share) for share in (0.5, 0.99))
    return [
        f"{BY_TOPIC} commandes/s par topic et {BY_HTTP}/s en HTTP sur les {HOT} mêmes comptes.",
        f"{asked} demandes, autant d’effets ; {told} faits publiés, répétitions comprises.",
        "Par topic, médiane {:.0f} ms et p95 {:.0f} ms ; ".format(*topic)
        + "en HTTP, médiane {:.0f} ms et p99 {:.0f} ms.".format(*http),
        f"Cœurs occupés : {cores}.",
    ]
