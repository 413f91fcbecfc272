"""Projections: a service's own copy of another's facts, in bulk, guarded by their number.

No transaction and no inbox: applying a fact twice, or an old one late, changes nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from shared.contracts.envelope import Fact, Snapshot
from shared.mongo.client import Collection, only_duplicate_keys

Projected = tuple[Any, int]
"""A fact and its number in its aggregate."""


@dataclass(frozen=True, kw_only=True)
class Projection:
    """What is kept of which facts: `document` gives the id and the fields that a fact tells."""

    collection: str
    topic: str
    owner: str
    facts: Sequence[type[Fact]]
    document: Callable[[Any], tuple[str, Mapping[str, Any]]]

    @property
    def table(self) -> dict[str, type[Fact]]:
        """Message type → contract."""
        return {fact.TYPE: fact for fact in self.facts}


@dataclass(slots=True)
class _Told:
    """What the facts of a poll tell of one document: each field, and the fact that told it last.

    A snapshot (`whole`) tells the whole state: it also completes a copy with its own number.
    """

    fields: dict[str, tuple[Any, int, bool]] = field(default_factory=dict)
    sequence: int = -1
    whole: bool = False
    facts: int = 0

    def tell(self, fields: Mapping[str, Any], sequence: int, *, whole: bool) -> None:
        """Take in a fact; one that is older than the last one is a late repeat."""
        if sequence > self.sequence or (whole and sequence == self.sequence):
            self.fields.update({name: (value, sequence, whole) for name, value in fields.items()})
            self.sequence, self.whole = sequence, whole
            self.facts += 1


async def apply(projection: Projection, collection: Collection, facts: Iterable[Projected]) -> None:
    """Bring a copy up to these facts, given in their order: one bulk write."""
    told: dict[str, _Told] = {}
    for fact, sequence in facts:
        id, fields = projection.document(fact)
        told.setdefault(id, _Told()).tell(fields, sequence, whole=isinstance(fact, Snapshot))
    if not told:
        return
    written = list(told.items())
    try:
        await collection.bulk_write([_upsert(*each) for each in written], ordered=False)
    except BulkWriteError as error:
        if not only_duplicate_keys(error.details):
            raise
        # A copy that is further on refuses the upsert; so does one that another process, not
        # further on, made in the meantime: that one is still to be brought up to these facts.
        refused = [written[each["index"]] for each in error.details["writeErrors"]]
        await collection.bulk_write([_upsert(*each, new=False) for each in refused], ordered=False)


def _upsert(id: str, told: _Told, *, new: bool = True) -> UpdateOne:
    guarded = {"_id": id, "seq": {"$lte" if told.whole else "$lt": told.sequence}}
    if told.facts == 1:
        fields = {name: value for name, (value, _, _) in told.fields.items()}
        return UpdateOne(guarded, {"$set": {**fields, "seq": told.sequence}}, upsert=new)
    # The first of several may be late repeats: each field is guarded by the fact that told it.
    guards = {
        name: _unless_known(name, value, sequence, whole=whole)
        for name, (value, sequence, whole) in told.fields.items()
    }
    return UpdateOne(guarded, [{"$set": {**guards, "seq": told.sequence}}], upsert=new)


def _unless_known(name: str, value: Any, sequence: int, *, whole: bool) -> dict[str, Any]:
    known = {"$ifNull": ["$seq", -1]}
    newer = {"$gte" if whole else "$gt": [sequence, known]}
    return {"$cond": [newer, {"$literal": value}, f"${name}"]}
