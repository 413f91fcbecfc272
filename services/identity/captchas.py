"""The challenges in the store: which may still be answered; what they ask is not in it."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.identity.domain.captcha import (
    GIVEN_WITHIN,
    LIFETIME,
    MOST_GIVEN,
    Defi,
    TooManyCaptchas,
    draw,
)
from shared.clock import Clock
from shared.mongo.client import Store
from shared.security.macs import Macs

COLLECTION = "captchas"
KEPT_S = 3600
"""A challenge that nobody answered is forgotten after an hour (assumed)."""


@dataclass(frozen=True)
class Captcha:
    """A challenge that was given out."""

    id: str
    expires_at: datetime


async def create_indexes(store: Store) -> None:
    """Challenges go away by themselves."""
    await store.collection(COLLECTION).create_index("made", expireAfterSeconds=KEPT_S)


class Captchas:
    """Gives out challenges; each may be answered once, right or wrong."""

    def __init__(self, store: Store, macs: Macs) -> None:
        self._given = store.collection(COLLECTION)
        self._macs = macs

    async def give(self, source: str, now: datetime, *, instead_of: str | None = None) -> Captcha:
        """A new challenge; the one that it replaces is worth nothing any more.

        Raises `TooManyCaptchas` where the source was given too many lately.
        """
        await self._count(source, now)
        if instead_of is not None:
            await self._given.delete_one({"_id": instead_of})
        captcha = Captcha(secrets.token_urlsafe(16), now + LIFETIME)
        row = {"_id": captcha.id, "expires_at": captcha.expires_at, "made": Clock.real_now()}
        await self._given.insert_one(row)
        return captcha

    async def look(self, id: str, now: datetime) -> Defi | None:
        """What a challenge asks, while it may be answered."""
        row = await self._given.find_one({"_id": id})
        return None if row is None or now >= row["expires_at"] else self._defi(id)

    async def answer(self, id: str, typed: str, now: datetime) -> bool:
        """Whether that is the answer; asked again, it never is."""
        row = await self._given.find_one_and_delete({"_id": id})
        return row is not None and now < row["expires_at"] and self._defi(id).is_met(typed)

    async def _count(self, source: str, now: datetime) -> None:
        """One atomic update of the source's counter, kept beside the challenges, and as long."""
        id = self._macs.of("captchas/source", source.encode(errors="surrogatepass"))
        given: Any = {"$ifNull": ["$donnes", []]}
        lately = {"$filter": {"input": given, "cond": {"$gt": ["$$this", now - GIVEN_WITHIN]}}}
        full = {"$gte": [{"$size": "$donnes"}, MOST_GIVEN]}
        one_more = {"$cond": [full, "$donnes", {"$concatArrays": ["$donnes", [now]]}]}
        before = {"$set": {"donnes": lately, "made": "$$NOW"}}
        counted = {"$set": {"refuse": full, "donnes": one_more}}
        seen = await self._given.find_one_and_update(
            {"_id": id},
            [before, counted],
            projection={"refuse": 1},
            upsert=True,
            return_document=True,
        )
        if seen["refuse"]:
            raise TooManyCaptchas

    def _defi(self, id: str) -> Defi:
        return draw(bytes.fromhex(self._macs.of("captcha", id.encode(errors="surrogatepass"))))
