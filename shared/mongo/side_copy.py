"""A projection made anew beside the live one, then brought into it document by document.

The live collection is never swapped or emptied: a service may write to it all the time. A swap
would lose facts, those that the service wrote to the old collection just before it and whose
followers it wrote to the new one just after; the guard by number would then refuse the former.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from pymongo import DeleteOne

from shared.mongo.client import Collection, Store

SUFFIX = "__rebuild"
CHUNK = 5_000
"""Documents brought over at once (assumed): well within the bound of one operation."""

Range = Mapping[str, str]
"""A filter on `_id`: documents above one id, up to another."""
Differing = Mapping[str, int]
"""Documents of the live collection that the copy does not tell, or not as far: id → number."""


class SideCopy:
    """The copy beside a live collection.

    `whole` tells that the copy was made of all that ever was told. If it was not, what the copy
    does not tell stays as it is in the live collection.
    `kept` counts the live documents that know more than the copy, `removed` those it never knew.
    """

    def __init__(self, store: Store, live: str, *, whole: bool) -> None:
        self.side: Collection = store.collection(live + SUFFIX)
        self._live: Collection = store.collection(live)
        self._whole = whole
        self.kept = 0
        self.removed = 0

    async def drop(self) -> None:
        """Forget the copy, this one or one that was left behind."""
        await self.side.drop()

    async def count(self) -> int:
        """Documents of the copy."""
        return await self.side.estimated_document_count()

    async def chunks(self) -> AsyncIterator[Range]:
        """The ids of both collections in ranges of at most `CHUNK` documents of each."""
        last = ""
        while True:
            ends = [
                end
                for end in (await _nth_after(self.side, last), await _nth_after(self._live, last))
                if end is not None
            ]
            yield {"$gt": last, "$lte": min(ends)} if ends else {"$gt": last}
            if not ends:
                return
            last = min(ends)

    async def bring_over(self, ids: Range) -> tuple[int, Differing]:
        """Write the copy's documents over the live ones that are not further on.

        Returns how many documents the copy has there, and the live documents for which it may
        have to read on, see `settle`.
        """
        await self._merge({"_id": ids})
        told = {row["_id"]: row["seq"] async for row in self.side.find({"_id": ids}, {"seq": 1})}
        live = self._live.find({"_id": ids}, {"seq": 1})
        found = {row["_id"]: row.get("seq", 0) async for row in live}
        return len(told), self._differing(found, told)

    async def settle(self, differing: Differing) -> Differing:
        """Bring over what differed, once the copy has read up to where the topic ended since.

        Returns what moved on again meanwhile. A live document that is still further on, or that a
        copy which is not whole does not tell, knows more than the topic and stays.
        """
        among = {"_id": {"$in": list(differing)}}
        told = {row["_id"]: row["seq"] async for row in self.side.find(among, {"seq": 1})}
        known = {id for id, seq in differing.items() if id in told and told[id] < seq}
        unknown = {id: seq for id, seq in differing.items() if id not in told}
        behind = [id for id in differing if id in told and id not in known]
        self.kept += len(known)
        await self._merge({"_id": {"$in": behind}})
        await self._remove(unknown)
        again = self._live.find({"_id": {"$in": [*behind, *unknown]}}, {"seq": 1})
        return self._differing({row["_id"]: row.get("seq", 0) async for row in again}, told)

    def _differing(self, live: Mapping[str, int], told: Mapping[str, int]) -> Differing:
        if not self._whole:
            self.kept += len(live.keys() - told.keys())
            live = {id: seq for id, seq in live.items() if id in told}
        return {id: seq for id, seq in live.items() if id not in told or seq > told[id]}

    async def _merge(self, which: Mapping[str, Any]) -> None:
        new = "$$new" if self._whole else {"$mergeObjects": ["$$ROOT", "$$new"]}
        guarded = {"$cond": [{"$lte": ["$seq", "$$new.seq"]}, new, "$$ROOT"]}
        over = {
            "into": self._live.name,
            "on": "_id",
            "whenMatched": [{"$replaceWith": guarded}],
            "whenNotMatched": "insert",
        }
        await self.side.aggregate([{"$match": which}, {"$merge": over}]).to_list(None)

    async def _remove(self, unknown: Mapping[str, int]) -> None:
        """Remove what no fact tells, unless a fact moves it at this very moment."""
        removals = [
            DeleteOne({"_id": id, "seq": {"$in": [seq, None]}}) for id, seq in unknown.items()
        ]
        if removals:
            done = await self._live.bulk_write(removals, ordered=False)
            self.removed += done.deleted_count


async def _nth_after(collection: Collection, last: str) -> str | None:
    found = collection.find({"_id": {"$gt": last}}, {"_id": 1}).sort("_id").skip(CHUNK - 1).limit(1)
    rows = await found.to_list(1)
    return rows[0]["_id"] if rows else None
