"""Memory of an idle process of each service."""

import asyncio

from bench.cpu import rss_mb
from bench.figures import Figure, against_limit
from bench.scale import Scale
from bench.stage import OurRunner, Stage
from tests.harness.platform import SERVICES

LIMIT_MB = 130.0
"""ADR-0002."""


async def measure(stage: Stage, scale: Scale) -> list[Figure]:
    """Resident memory of one process of each service, ready and left alone."""
    async with stage.platform(SERVICES) as platform:
        runners = {service: OurRunner(platform.new_replica(service)) for service in SERVICES}
        for runner in runners.values():
            await runner.start()
        await asyncio.sleep(scale.idle_s)
        held = {service: rss_mb(runner.pid) for service, runner in runners.items()}
    return [
        against_limit(
            f"memory_{service}",
            [megabytes],
            LIMIT_MB,
            "Mo",
            broker=stage.broker,
            notes=[f"Mémoire résidente après {scale.idle_s:.0f} s sans travail."],
        )
        for service, megabytes in held.items()
    ]
