"""Fixtures: the copy of rights of an invented town hall, in a real store."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest_asyncio

from shared.clock import Clock
from shared.contracts.conventions import CodeService
from shared.contracts.topics import CONVENTIONS, ROLE_ASSIGNMENTS, USER_LIFECYCLE
from shared.droits.droits import Droits
from shared.kafka.staleness import Staleness
from shared.mongo.client import Store
from tests.harness.polling import eventually
from tests.shared.droits.telling import Told

DEADLINE_S = 10


class Fresh(Staleness):
    """A topic that has just been read to its end, or so many seconds ago."""

    def __init__(self) -> None:
        super().__init__("habilitation")
        self.age_s = 0.0

    def seconds(self) -> float:
        return self.age_s


@dataclass
class Process:
    """The process that decides, as far as rights need it."""

    store: Store
    clock: Clock = field(default_factory=Clock)
    staleness: dict[str, Staleness] = field(
        default_factory=lambda: {
            topic: Fresh() for topic in (CONVENTIONS, ROLE_ASSIGNMENTS, USER_LIFECYCLE)
        }
    )

    def make_old(self, topic: str, seconds: float) -> None:
        """What is known of a topic is so old."""
        fresh = self.staleness[topic]
        assert isinstance(fresh, Fresh)
        fresh.age_s = seconds


@asynccontextmanager
async def following(process: Process, droits: Droits) -> AsyncIterator[Droits]:
    """Rights decided by a process that follows what changes."""
    task = asyncio.create_task(droits.follow(process))
    try:
        await eventually(lambda: droits.memoire.is_open, DEADLINE_S, "changes are followed")
        yield droits
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.wait({task})


@pytest_asyncio.fixture
async def told(store: Store) -> Told:
    """Valfleury: CDAP with T1 and T2, the group `t1` and `membre`, who belongs to it."""
    told = Told(store)
    await told.open_convention("19_214", administrateurs=("cheffe",))
    await told.sign("19_214", CodeService.CDAP, profils=("T1", "T2"))
    for user_id in ("cheffe", "membre"):
        await told.open_account(user_id, "19_214")
    told.t1 = await told.open_groupe("19_214", "T1AS", responsable="cheffe")
    await told.assign_role(told.t1, CodeService.CDAP, "T1")
    await told.add_to_groupe("membre", told.t1)
    return told


@pytest_asyncio.fixture
async def process(store: Store) -> Process:
    """A process whose copy is fresh."""
    return Process(store)
