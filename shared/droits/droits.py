"""Whether somebody has access, decided in the process that asks, on its own copy.

    DROITS = Droits()                                       # one for a process, in its app.py
    Service(…, projections=PROJECTIONS, background=(DROITS.follow,), routes=…)
    decision = await DROITS.decide(user_id, CodeService.CDAP, seen=versions_of_the_request)

From memory in microseconds, else from the store. Refused (`droits_pas_a_jour`, 503) while what is
known may be more than `STALE_S` old, as `shared/kafka/staleness.py` measures it, or is older than
what the caller has seen.
"""

import asyncio
import math
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import structlog

from shared.backoff import backoff_s
from shared.calendrier import day_of
from shared.clock import Clock
from shared.droits import chaine, explication
from shared.droits.dossier import Dossier
from shared.droits.errors import DroitsPasAJour
from shared.droits.lecture import read
from shared.droits.memoire import Memoire
from shared.droits.mots import Lecteur
from shared.droits.projection import COLLECTIONS, PROJECTIONS
from shared.droits.versions import Versions
from shared.kafka.staleness import Staleness
from shared.mongo.changes import MOST, Change, watch
from shared.mongo.client import Store, StoreError
from shared.observability import metrics

log = structlog.get_logger(__name__)

STALE_S = 5.0
"""How old what is known may be (G-30, ADR-0021)."""
MOST_PEOPLE = 10_000
"""People kept in memory, some 1.3 KB each (ADR-0021)."""
NEWS_S = 2.0
"""Without news from mongod for so long, memory is not asked (ADR-0021): the store is."""


class Process(Protocol):
    """What is needed of the process that decides: `shared.runtime.Runtime` has it."""

    store: Store
    clock: Clock
    staleness: dict[str, Staleness]


@dataclass(frozen=True)
class _Copy:
    """The copy of rights of a process, and how to know its age."""

    store: Store
    clock: Clock
    staleness: Sequence[Staleness]

    def seconds(self) -> float:
        """How old it may be: as the oldest of its parts."""
        return max(each.seconds() for each in self.staleness)


class Droits:
    """Decides for one process."""

    def __init__(self, most: int = MOST_PEOPLE) -> None:
        self.memoire = Memoire(most)
        self._copy: _Copy | None = None
        self._news_at = 0.0

    async def follow(self, process: Process) -> None:
        """Keep memory right, for ever: the background work of the process."""
        staleness = [process.staleness[each.topic] for each in PROJECTIONS]
        self._copy = _Copy(process.store, process.clock, staleness)
        failures = 0
        while True:
            try:
                async for changes in watch(process.store, COLLECTIONS):
                    failures = 0
                    self._hear(changes)
            except StoreError as error:
                failures += 1
                log.warning("changes_lost", error=type(error).__name__, attempt=failures)
            finally:
                self.memoire.close()
            await asyncio.sleep(backoff_s(max(1, failures)))

    def _hear(self, changes: Sequence[Change]) -> None:
        if not self.memoire.is_open:
            self.memoire.open()
        self.memoire.forget(changes)
        if len(changes) < MOST:  # all is told
            self._news_at = time.monotonic()
        metrics.DROITS_PEOPLE.set(len(self.memoire))
        metrics.DROITS_BYTES.set(self.memoire.octets)

    async def decide(
        self, user_id: str, service: str, seen: Versions | None = None
    ) -> chaine.Decision:
        """Whether somebody has access to a service now.

        Raises: DroitsPasAJour where nobody can tell, StoreError
        """
        day = self._day()
        decision = chaine.decide(await self.dossier(user_id), service, day)
        if seen is not None and not decision.versions.covers(seen):
            dossier = (await self.load([user_id]))[user_id]
            decision = chaine.decide(dossier, service, day)
            if not decision.versions.covers(seen):
                raise self._refused()
        return decision

    async def explain(
        self, user_id: str, service: str, lecteur: Lecteur = explication.ANYBODY
    ) -> explication.Explication:
        """The same, in words. Raises: DroitsPasAJour, StoreError"""
        day = self._day()
        return explication.explain(await self.dossier(user_id), service, day, lecteur)

    async def dossier(self, user_id: str) -> Dossier:
        """What is known of somebody, from memory or from the store; of any age.

        What memory may have missed counts with what the copy may have.
        """
        missed = time.monotonic() - self._news_at
        if missed < NEWS_S and self._age() + missed <= STALE_S:
            known = self.memoire.dossier(user_id)
            if known is not None:
                return known
        return (await self.load([user_id]))[user_id]

    async def load(self, user_ids: Collection[str]) -> dict[str, Dossier]:
        """What the store holds of many people, of any age; memory keeps it.

        Raises: DroitsPasAJour before there is a copy, StoreError
        """
        if self._copy is None:
            raise self._refused()
        with self.memoire.reading() as reading:
            lu = await read(self._copy.store, user_ids)
            self.memoire.keep(reading, lu)
        metrics.DROITS_READ.inc(len(user_ids))
        return {id: lu.dossier(id) for id in user_ids}

    def _day(self) -> date:
        if self._copy is None or self._age() > STALE_S:
            raise self._refused()
        return day_of(self._copy.clock.now())

    def _age(self) -> float:
        """How old the copy may be; before there is one, nobody knows."""
        return math.inf if self._copy is None else self._copy.seconds()

    @staticmethod
    def _refused() -> DroitsPasAJour:
        metrics.DROITS_STALE.inc()
        return DroitsPasAJour()
