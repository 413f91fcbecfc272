"""A projection rebuilt from the first fact on: how fast, and whether memory stays flat."""

import asyncio
import sys
import time

from bench.cpu import rss_mb
from bench.figures import Figure, compare
from bench.rows.projection import fact_records
from bench.scale import Scale
from bench.stage import Stage
from bench.timing import curve_rate
from bench.wire import Unfinished
from deploy.local.process import Process
from services.notifications.projections import DESTINATAIRES
from shared.contracts.topics import USER_LIFECYCLE
from shared.mongo.side_copy import SUFFIX
from tests.harness.platform import Platform

FLAT = 0.9
"""Memory at the end may be a ninth more than at a tenth of the way (assumed)."""
LOOK_S = 0.2
CHUNK = 100_000
PER_FACT_S = 0.002

Look = tuple[float, int, float]


async def measure(stage: Stage, scale: Scale) -> list[Figure]:
    """One rebuild of many facts, each of another person; long, so only on demand."""
    if not scale.rebuilt:
        return []
    async with stage.platform(("notifications",)) as platform:
        topic = platform.topic(USER_LIFECYCLE)
        for loaded in range(0, scale.rebuilt, CHUNK):
            stage.wire.load(fact_records(topic, min(CHUNK, scale.rebuilt - loaded)))
        looks = await rebuild_watched(
            platform,
            "notifications",
            "services.notifications",
            DESTINATAIRES.collection,
            scale.rebuilt,
        )
    rate = curve_rate([(at, copied) for at, copied, _ in looks], scale.rebuilt)
    early = next(rss for _, copied, rss in looks if copied >= scale.rebuilt / 10)
    highest = max(rss for _, _, rss in looks)
    return [
        compare(
            "rebuild_memory",
            [looks[-1][2]],
            [early],
            "Mo",
            bar=FLAT,
            broker=stage.broker,
            lower_is_better=True,
            notes=[
                f"{scale.rebuilt} faits relus depuis le premier à {rate:.0f} faits/s.",
                f"La copie neuve était en place après {looks[-1][0] - looks[0][0]:.0f} s.",
                f"En face : la même au dixième du parcours. Au plus haut : {highest:.0f} Mo.",
            ],
        )
    ]


async def rebuild_watched(
    platform: Platform, service: str, module: str, collection: str, count: int
) -> list[Look]:
    """Run the operator's command to its end: (moment, copied so far, resident memory).

    What counts is the copy beside the live collection, which may be full all the time.
    """
    folder = platform.directory
    process = Process(
        "rebuild",
        [sys.executable, "-m", module, "rebuild", collection, "--wet-run"],
        folder / "rebuild.log",
        platform.settings.environment(service, 0),
        output=folder / "rebuild.out",
    )
    database = platform.database(service)
    copy = database[collection + SUFFIX]
    copied = 0
    process.start()
    looks: list[Look] = []
    end = time.monotonic() + 60 + PER_FACT_S * count
    try:
        while process.running:
            copied = max(copied, copy.estimated_document_count())  # it is dropped at the end
            looks.append((time.perf_counter(), copied, rss_mb(process.pid)))
            if time.monotonic() > end:
                raise Unfinished(f"{looks[-1][1]} of {count} facts rebuilt")
            await asyncio.sleep(LOOK_S)
    finally:
        process.stop()
    there = database[collection].estimated_document_count()
    if process.exit_code or there != count:
        raise Unfinished(f"rebuild: {there} of {count}, exit {process.exit_code}")
    return [*looks, (time.perf_counter(), there, looks[-1][2])]
