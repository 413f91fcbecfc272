"""What operators look at: mails that wait or ended, one of them, a campaign, how many wait."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from services.notifications.domain.envoi import OUVERTS, Envoi, EtatEnvoi
from services.notifications.domain.tentative import Tentative
from services.notifications.metrics import WAITING
from services.notifications.ports import Process
from services.notifications.store import of_campaign
from shared.mongo.client import Store, StoreError
from shared.mongo.documents import to_document

log = structlog.get_logger(__name__)

EVERY_S = 15.0
"""How often what waits is counted (assumed): as often as Prometheus asks."""


@dataclass(frozen=True, slots=True)
class Criteres:
    """Which mails to list; nothing said means all that wait."""

    etats: tuple[EtatEnvoi, ...] = ()
    user_id: str | None = None
    campagne_id: str | None = None
    most: int = 50

    def query(self) -> dict[str, Any]:
        """As the store is asked."""
        found: dict[str, Any] = {}
        if self.etats or not (self.user_id or self.campagne_id):
            found["etat"] = {"$in": sorted(self.etats or OUVERTS)}
        if self.user_id:
            found["user_id"] = self.user_id
        if self.campagne_id:
            found |= of_campaign(self.campagne_id)
        return found


async def find_mails(store: Store, criteres: Criteres) -> list[Envoi]:
    """The newest mails that fit."""
    rows = store.collection(Envoi.COLLECTION).find(criteres.query())
    return [
        to_document(row, Envoi) async for row in rows.sort("created_at", -1).limit(criteres.most)
    ]


async def find_mail(store: Store, id: str) -> Envoi | None:
    """One mail."""
    row = await store.collection(Envoi.COLLECTION).find_one({"_id": id})
    return None if row is None else to_document(row, Envoi)


async def find_attempts(store: Store, envoi: Envoi) -> list[Tentative]:
    """The attempts at a mail, in order."""
    ids = [f"{envoi.id}/{number}" for number in range(1, envoi.attempts + 1)]
    rows = store.collection(Tentative.COLLECTION).find({"_id": {"$in": ids}})
    found = [to_document(row, Tentative) async for row in rows]
    return sorted(found, key=lambda each: ids.index(each.id))


async def count_campaign(store: Store, campagne_id: str) -> Mapping[EtatEnvoi, int]:
    """How many mails of a campaign are in each state; by its index alone."""
    return await _count(store, of_campaign(campagne_id))


async def watch_waiting(process: Process) -> None:
    """Keep the gauge of the mails that wait, until cancelled."""
    while True:
        try:
            counts = await _count(process.store, {"etat": {"$in": sorted(OUVERTS)}})
        except StoreError as error:
            log.warning("counting_waits", error=type(error).__name__)
        else:
            for etat in OUVERTS:
                WAITING.labels(etat.value).set(counts.get(etat, 0))
        await asyncio.sleep(EVERY_S)


async def _count(store: Store, query: Mapping[str, Any]) -> Mapping[EtatEnvoi, int]:
    pipeline: list[Mapping[str, Any]] = [
        {"$match": query},
        {"$group": {"_id": "$etat", "count": {"$sum": 1}}},
    ]
    rows = store.collection(Envoi.COLLECTION).aggregate(pipeline)
    return {EtatEnvoi(row["_id"]): row["count"] async for row in rows}
