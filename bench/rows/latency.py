"""Latency at 60 commands a second: published → its fact consumed."""

from functools import partial

from bench.accounts import issue_token
from bench.cpu import CpuWatch
from bench.entitled import entitled_platform
from bench.figures import Figure, compare
from bench.lanes import Lane, bare_lane, our_lane
from bench.load.plan import run_load
from bench.rounds import Measured, alternate, cores_notes
from bench.scale import Scale
from bench.stage import Stage
from bench.timing import percentile
from bench.wire import Unfinished
from tests.harness.platform import random_name

RATE = 60
"""Commands per second (ADR-0002)."""
ACCOUNTS = 600
MEDIAN_BAR, P99_BAR = 0.67, 0.5
"""A median of at most 1.5 times, a 99th percentile of at most twice the bare loop's (ADR-0002)."""


async def measure(stage: Stage, scale: Scale) -> list[Figure]:
    """One process of identity beside one bare loop, one command at a time."""
    async with entitled_platform(stage) as platform:
        ours, bare = await our_lane(stage, platform), await bare_lane(stage, platform)
        a, b = await alternate(
            scale.rounds, partial(_round, ours, scale), partial(_round, bare, scale)
        )
    barred = stage.broker == "apache"
    notes = [f"{RATE} commandes/s pendant {scale.latency_s:.0f} s par manche."]
    return [
        compare(
            name,
            [percentile(each, share) for each in a.values],
            [percentile(each, share) for each in b.values],
            "ms",
            bar=bar if barred else None,
            broker=stage.broker,
            lower_is_better=True,
            notes=[*notes, *cores_notes(a, b)],
        )
        for name, share, bar in (
            ("latency_median", 0.5, MEDIAN_BAR),
            ("latency_p99", 0.99, P99_BAR),
        )
    ]


async def _round(lane: Lane, scale: Scale) -> Measured[list[float]]:
    """The latencies of one round (ms), with a fresh process."""
    await lane.open()
    try:
        await lane.feed(scale.warm_up)
        watch = CpuWatch(lane.pids())
        told = await run_load("paced", paced_plan(lane, scale, RATE, lane.seed(ACCOUNTS)))
        if told["heard"] < told["sent"]:
            raise Unfinished(f"{lane.label}: {told['heard']} facts for {told['sent']} commands")
        await lane.stage.wire.until_no_lag(lane.group, lane.commands)
        return Measured(told["latencies_ms"], watch.cores())
    finally:
        await lane.close()


def paced_plan(
    lane: Lane, scale: Scale, rate: int, users: list[str], seconds: float | None = None
) -> dict[str, object]:
    """What the load program `paced` is told."""
    return {
        "bootstrap": lane.stage.servers.kafka,
        "fetch_max_wait_ms": lane.stage.servers.fetch_max_wait_ms,
        "commands": lane.commands,
        "facts": lane.facts,
        "users": users,
        "token": issue_token(lane.signing_key),
        "rate": rate,
        "warm_up_s": scale.warm_up_s,
        "seconds": scale.latency_s if seconds is None else seconds,
        "seed": random_name(),
    }
