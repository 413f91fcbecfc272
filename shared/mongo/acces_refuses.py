"""Refused accesses: who was told no, of what, when; one row each, for a year."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

import pymongo

from shared.clock import Clock
from shared.errors import Refusal
from shared.frequence import WITHIN
from shared.ids import draw_id
from shared.mongo.client import OPERATION_TIMEOUT_MS, Store
from shared.security.principal import Principal

COLLECTION = "acces_refuses"
KEPT = timedelta(days=365)
"""The longest of what CNIL recommends for logs, six months to one year (délibération 2021-122,
https://www.legifrance.gouv.fr/jorf/id/JORFTEXT000044272396): who tries doors is slow (ADR-0023)."""

MOST = 200
"""Refused accesses of one actor within an hour (assumed): nobody who clicks meets so many, who
tries ids one after the other does. Without a bound he would fill the store; one counter for all of
them would not say what he looked for. The first are kept whole, then none is told (ADR-0023)."""


class TooManyRefused(Refusal):
    """Refused as often as may be within the hour: whatever would be refused next is not looked at.

    Told in place of the refusal, never of a success; so it says nothing of what exists.
    """

    code: ClassVar[str] = "trop_de_refus"
    sentence: ClassVar[str] = (
        "Trop de vos demandes ont été refusées depuis une heure. Réessayez plus tard."
    )
    status: ClassVar[int] = 429


@dataclass(frozen=True)
class AccesRefuse:
    """One access that was refused: codes and ids, never what was typed.

    `route` is the template of the address, `cible` the ids that the address named.
    """

    acteur: Principal
    route: str
    cible: Mapping[str, str]
    code: str
    correlation: str


async def create_indexes(store: Store) -> None:
    """The end of what is kept; those of one actor, the last hour's of whom are counted."""
    kept = store.collection(COLLECTION)
    await kept.create_index("at", expireAfterSeconds=int(KEPT.total_seconds()))
    await kept.create_index([("acteur", 1), ("at", 1)])


async def keep(store: Store, refused: AccesRefuse) -> None:
    """Keep it: durable when this returns.

    Replicas that count at the same moment may each keep one more: the bound is of size, no right.

    Raises:  TooManyRefused, and keeps nothing; StoreError
    """
    rows, now = store.collection(COLLECTION), Clock.real_now()
    acteur = {"acteur": refused.acteur.id, "genre": refused.acteur.kind.value}
    with pymongo.timeout(OPERATION_TIMEOUT_MS / 1_000):
        lately = {**acteur, "at": {"$gt": now - WITHIN}}
        if await rows.count_documents(lately, limit=MOST) >= MOST:
            raise TooManyRefused
        await rows.insert_one(
            {
                "_id": draw_id(),
                "at": now,
                **acteur,
                "route": refused.route,
                "cible": dict(refused.cible),
                "code": refused.code,
                "correlation": refused.correlation,
            }
        )
