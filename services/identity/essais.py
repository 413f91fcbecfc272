"""The counters of attempts in the store: each step is one atomic update of one document.

A document counts the attempts on one account, or from one source, by a keyed proof of what was
typed: an identifiant that nobody has is counted like another. Its fields: `suite`, the failures
that start delays; `jour`, those of 24 hours; `jusqua`, the end of the delay; `places`, how many may
look at a password at once; `en_cours`, the places taken.

What holds after every update: places taken + failures ≤ the limit. A place is a loan by mongod's
`$$NOW`; one that was not given back is counted as a failure by whoever comes next. Delays go by the
platform's clock.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import UTC, datetime
from random import uniform
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from services.identity.domain.essais import (
    DAY,
    LEASE,
    LIMITES,
    PATIENCE_S,
    Limite,
    Place,
    Portier,
    Refus,
)
from shared.errors import Unavailable
from shared.ids import draw_id
from shared.mongo.client import Store, update_each
from shared.security.macs import Macs

COLLECTION = "essais"
KEPT_S = 2 * 24 * 3600
"""A counter that nobody came to is forgotten after twice what it remembers (assumed)."""
POLL_S = 0.03
"""Mean time between two looks for a place, jittered (assumed: about one verification)."""

Stage = dict[str, Any]
R = TypeVar("R")
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_LEASE_MS = LEASE.total_seconds() * 1000


async def create_indexes(store: Store) -> None:
    """Counters go away by themselves."""
    await store.collection(COLLECTION).create_index("vu", expireAfterSeconds=KEPT_S)


class _Turn:
    """Those of this process who wait for a place of one counter; gone with the last of them."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.jusqua = _NEVER


class StoredEssais:
    """Gives out places; the same for every process, since all is in the store."""

    def __init__(self, store: Store, macs: Macs) -> None:
        self._counters = store.collection(COLLECTION)
        self._macs = macs
        self._turns: WeakValueDictionary[str, _Turn] = WeakValueDictionary()

    async def take(self, identifiant: str, source: str, now: datetime) -> Place | Refus:
        """A place at the account and at the source, or none; waits while others hold them.

        Raises `Unavailable` after waiting in vain.
        """
        deadline = asyncio.get_running_loop().time() + PATIENCE_S
        compte, origin = self._id(Portier.COMPTE, identifiant), self._id(Portier.SOURCE, source)
        place = Place(draw_id(), compte, origin)
        try:
            return await self._take(place, now, deadline)
        except (asyncio.CancelledError, Unavailable):
            await self.leave(place)  # whatever was taken of it
            raise

    async def _take(self, place: Place, now: datetime, deadline: float) -> Place | Refus:
        compte, origin = place.compte, place.source
        if await _to_its_end(self._take_both(place, now)):
            return place
        await self._leave(origin, place.id)  # who waits for the account holds nothing of others
        refus = await self._enter(Portier.COMPTE, compte, place.id, now, deadline)
        if refus is not None:
            return refus
        if await self._enter(Portier.SOURCE, origin, place.id, now, deadline) is None:
            return place
        await self._leave(compte, place.id)
        return Refus()

    async def leave(self, place: Place) -> None:
        """Give back a place that no password was looked at in: it counts for nothing."""
        both = (self._leave(id, place.id) for id in (place.compte, place.source))
        await _to_its_end(asyncio.gather(*both))

    async def give_back(self, place: Place, *, right: bool, now: datetime) -> datetime | None:
        """Count what came of it; the end of the account's delay, if there is one."""
        pipelines = {
            id: self._settling(portier, place.id, now, right=right)
            for portier, id in ((Portier.COMPTE, place.compte), (Portier.SOURCE, place.source))
        }
        if right:
            await update_each(self._counters, pipelines)
            return None
        account = pipelines.pop(place.compte)
        seen, _ = await asyncio.gather(
            self._counters.find_one_and_update(
                {"_id": place.compte},
                account,
                projection={"jusqua": 1},
                upsert=True,
                return_document=True,
            ),
            update_each(self._counters, pipelines),
        )
        return seen["jusqua"] if seen["jusqua"] > now else None

    def _settling(self, portier: Portier, place: str, now: datetime, *, right: bool) -> list[Stage]:
        limite = LIMITES[portier]
        given_back = _given_back(place, limite, now, right=right)
        return [*_opened(limite), given_back, *_counted(limite, now)]

    async def _take_both(self, place: Place, now: datetime) -> bool:
        """The usual case, in one exchange; a place of the account alone may have been taken."""
        pipelines = {
            id: [*_opened(LIMITES[portier]), _taken(place.id, now)]
            for portier, id in ((Portier.COMPTE, place.compte), (Portier.SOURCE, place.source))
        }
        return await update_each(self._counters, pipelines) == len(pipelines)

    def _id(self, portier: Portier, of: str) -> str:
        return self._macs.of(f"essais/{portier}", of.encode(errors="surrogatepass"))

    async def _enter(
        self, portier: Portier, id: str, place: str, now: datetime, deadline: float
    ) -> Refus | None:
        answer = await _to_its_end(self._try(portier, id, place, now))
        if answer is False:
            answer = await self._wait(portier, id, place, now, deadline)
        return answer if isinstance(answer, Refus) else None

    async def _wait(
        self, portier: Portier, id: str, place: str, now: datetime, deadline: float
    ) -> Refus | bool:
        """Of those who wait in this process, one at a time looks for a place.

        A delay that one of them meets is that of all the others. Raises `Unavailable` when the
        passwords before it take too long: that is no reason to say that this one is wrong.
        """
        turn = self._turns.setdefault(id, _Turn())
        try:
            async with asyncio.timeout_at(deadline):
                await turn.lock.acquire()
        except TimeoutError as error:
            raise Unavailable from error
        try:
            while turn.jusqua <= now:
                answer = await _to_its_end(self._try(portier, id, place, now))
                if answer is True:
                    return True
                if isinstance(answer, Refus) and answer.jusqua is not None:
                    turn.jusqua = answer.jusqua
                elif asyncio.get_running_loop().time() > deadline:
                    raise Unavailable
                else:
                    await asyncio.sleep(POLL_S * uniform(0.5, 1.5))  # noqa: S311 - a pause
            return Refus(turn.jusqua, waited=True)
        finally:
            turn.lock.release()

    async def _try(self, portier: Portier, id: str, place: str, now: datetime) -> Refus | bool:
        """One update: True with a place, False where others hold them, the delay otherwise."""
        limite = LIMITES[portier]
        seen = await self._counters.find_one_and_update(
            {"_id": id},
            [*_opened(limite), _abandoned(now), *_counted(limite, now), _taken(place, now)],
            projection={"jusqua": 1, "taken": {"$in": [place, "$en_cours.id"]}},
            upsert=True,
            return_document=True,
        )
        if seen["taken"]:
            return True
        return Refus(seen["jusqua"]) if seen["jusqua"] > now else False

    async def _leave(self, id: str, place: str) -> None:
        """Give back a place that was not used."""
        await self._counters.update_one({"_id": id}, {"$pull": {"en_cours": {"id": place}}})


async def _to_its_end(update: Awaitable[R]) -> R:
    """Wait for an update though the caller is cancelled meanwhile: then it is known to be over."""
    under_way = asyncio.ensure_future(update)
    try:
        return await asyncio.shield(under_way)
    except asyncio.CancelledError:
        await asyncio.wait([under_way])
        raise


def _opened(limite: Limite) -> Sequence[Stage]:
    """What a counter is before anybody came."""
    first: dict[str, Any] = {
        "suite": [],
        "jour": [],
        "en_cours": [],
        "jusqua": _NEVER,
        "places": limite.seuil,
        "vu": "$$NOW",
    }
    return ({"$set": {name: {"$ifNull": [f"${name}", value]} for name, value in first.items()}},)


def _abandoned(now: datetime) -> Stage:
    """Places lent too long ago go, each leaving a failure."""
    over = {"$lte": ["$$this.at", {"$subtract": ["$$NOW", _LEASE_MS]}]}
    gone = {"$filter": {"input": "$en_cours", "cond": over}}
    kept = {"$filter": {"input": "$en_cours", "cond": {"$not": [over]}}}
    return {"$set": {"nouveaux": {"$map": {"input": gone, "in": now}}, "en_cours": kept}}


def _given_back(place: str, limite: Limite, now: datetime, *, right: bool) -> Stage:
    """The place goes, and leaves a failure, or forgets those of before.

    A place that was counted as abandoned in the meantime counts no more.
    """
    held = {"$in": [place, "$en_cours.id"]}
    others = {"$filter": {"input": "$en_cours", "cond": {"$ne": ["$$this.id", place]}}}
    step: dict[str, Any] = {
        "en_cours": others,
        "nouveaux": [] if right else {"$cond": [held, [now], []]},
        "vu": "$$NOW",
    }
    if right and limite.pardonne:
        step["suite"] = {"$cond": [held, [], "$suite"]}
    return {"$set": step}


def _counted(limite: Limite, now: datetime) -> Sequence[Stage]:
    """Count the new failures; from them, the delay and how many may look at once."""
    suite = _recent("$suite", now - limite.memoire)
    counts: dict[str, Any] = {"suite": suite}
    places: list[Any] = [{"$max": [1, {"$subtract": [limite.seuil, {"$size": "$suite"}]}]}]
    ends: list[Any] = ["$jusqua", _delay(limite, now)]
    if limite.par_jour is not None:
        counts["jour"] = _recent("$jour", now - DAY)
        left = {"$subtract": [limite.par_jour, {"$size": "$jour"}]}
        places.append({"$max": [1, left]})
        ends.append(_day_full(limite.par_jour))
    unchanged = {"$eq": ["$nouveaux", []]}
    return (
        {"$set": counts},
        {
            "$set": {
                "places": {"$min": places},
                "jusqua": {"$cond": [unchanged, "$jusqua", {"$max": ends}]},
            }
        },
        {"$unset": "nouveaux"},
    )


def _recent(failures: str, since: datetime) -> dict[str, Any]:
    lately = {"$filter": {"input": failures, "cond": {"$gt": ["$$this", since]}}}
    return {"$concatArrays": [lately, "$nouveaux"]}


def _delay(limite: Limite, now: datetime) -> dict[str, Any]:
    """From the threshold on, twice as long each time, up to the longest."""
    beyond = {"$subtract": [{"$size": "$suite"}, limite.seuil]}
    doubled = {"$multiply": [_ms(limite.premier_delai), {"$pow": [2, beyond]}]}
    end = {"$add": [now, {"$min": [_ms(limite.plus_long_delai), doubled]}]}
    return {"$cond": [{"$gte": [beyond, 0]}, end, None]}


def _day_full(par_jour: int) -> dict[str, Any]:
    """When the failures of the day are all there can be: until the oldest is a day old."""
    oldest = {"$min": {"$slice": ["$jour", -par_jour]}}
    end = {"$add": [oldest, _ms(DAY)]}
    return {"$cond": [{"$gte": [{"$size": "$jour"}, par_jour]}, end, None]}


def _taken(place: str, now: datetime) -> Stage:
    """One more place, if no delay runs and one is free; taken again, it is still one."""
    free = {
        "$and": [
            {"$lte": ["$jusqua", now]},
            {"$lt": [{"$size": "$en_cours"}, "$places"]},
            {"$not": [{"$in": [place, "$en_cours.id"]}]},
        ]
    }
    lent = {"$concatArrays": ["$en_cours", [{"id": place, "at": "$$NOW"}]]}
    return {"$set": {"en_cours": {"$cond": [free, lent, "$en_cours"]}}}


def _ms(span: Any) -> int:
    return int(span.total_seconds() * 1000)
