"""A platform where the agent of the bench may do what he asks: his account, a known convention."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from bench.accounts import agent_row, convention_row
from bench.stage import Stage
from tests.harness.platform import Platform


@asynccontextmanager
async def entitled_platform(
    stage: Stage, services: Sequence[str] = ("identity",), **options: Any
) -> AsyncIterator[Platform]:
    """Services of ours, none running; what identity would have read of the convention is there."""
    async with stage.platform(services, **options) as platform:
        database = platform.database("identity")
        database["comptes"].insert_one(agent_row())
        database["conventions"].insert_one(convention_row())
        yield platform
