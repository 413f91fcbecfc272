"""A platform where the agent of the bench may do what he asks: his account, a known convention."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from bench.accounts import CAF, CONVENTION, agent_row
from bench.stage import OurRunner, Stage
from tests.harness.platform import Platform


@asynccontextmanager
async def entitled_platform(
    stage: Stage, services: Sequence[str] = ("identity",), **options: Any
) -> AsyncIterator[Platform]:
    """Services of ours, none running; identity has read that the convention is open."""
    async with stage.platform(services, **options) as platform:
        platform.database("identity")["comptes"].insert_one(agent_row())
        await platform.habilitation.open_convention(CONVENTION, caf=CAF)
        reader = OurRunner(platform.new_replica("identity"))
        await reader.start()
        try:
            await platform.habilitation.known_to("identity")
        finally:
            await reader.stop()
        yield platform
