"""Documents of a group: one find and one bulk write per collection, in the same transaction."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, TypeVar

from pymongo import InsertOne, UpdateOne

from shared.mongo.client import Exchange, Store
from shared.path.decision import Document, Key

D = TypeVar("D", bound=Document)
Loaded = dict[Key[Any], Document | None]
_Operation = InsertOne[dict[str, Any]] | UpdateOne


def to_document(row: dict[str, Any], model: type[D]) -> D:
    """A stored document as its model."""
    row["id"] = row.pop("_id")
    return model.model_validate(row)


def to_row(document: Document) -> dict[str, Any]:
    """A model as a stored document."""
    row = document.model_dump()
    row["_id"] = row.pop("id")
    return row


class Documents:
    """What one transaction loaded, by key, and may write.

    Nothing else guards a write: mongod refuses to change, in a transaction, what another writer
    changed since the transaction's snapshot. So nothing is written that was loaded elsewhere.
    """

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._rows: dict[Key[Any], dict[str, Any]] = {}
        self.loaded: Loaded = {}

    def load(self, keys: Iterable[Key[Any]]) -> None:
        """Load more, one query per collection."""
        rows = _find(self._exchange, wanted := list(keys))
        self._rows |= rows
        self.loaded |= _models(wanted, rows)

    def write(
        self,
        written: Mapping[Key[Any], Document],
        *,
        touched: Iterable[Key[Any]] = (),
        seqs: Mapping[Key[Any], int] | None = None,
    ) -> None:
        """Write what a group changed, and move the version of what it relied on.

        A document counts as new unless it was loaded. All writers take documents in one order: of
        two that meet, one goes through and the other gets a write conflict.
        """
        operations: dict[str, list[_Operation]] = defaultdict(list)
        for key in sorted({*written, *touched}, key=self._place):
            if key in written:
                operation = self._change(key, written[key], seqs or {})
            elif self.loaded.get(key) is not None:
                operation = UpdateOne({"_id": key.id}, {"$inc": {"version": 1}})
            else:
                continue
            operations[key.model.COLLECTION].append(operation)
        for collection, batch in operations.items():
            self._exchange.write(collection, batch)

    def _place(self, key: Key[Any]) -> tuple[str, bool, str]:
        """By collection, changes before new ones: as few statements as there can be."""
        return key.model.COLLECTION, key not in self._rows, key.id

    def _change(
        self, key: Key[Any], document: Document, seqs: Mapping[Key[Any], int]
    ) -> _Operation:
        """The whole document where it is new; else what differs from what was loaded.

        Found by `_id` alone, for which mongod has a short way; a stored field that the document
        does not have is taken away, as if the document had been replaced.
        """
        before = self.loaded.get(key)
        if before is None:
            return InsertOne(to_row(document) | {"seq": seqs.get(key, 0), "version": 1})
        stored, names = self._rows[key], _stored_names(type(document))
        looked_at = _moved(before, document) | (names - stored.keys()) | _computed(type(document))
        row = document.model_dump(include=looked_at - {"id"})
        row |= {"seq": seqs.get(key, before.seq), "version": before.version + 1}
        changed = {
            name: value
            for name, value in row.items()
            if name not in stored or stored[name] != value
        }
        gone = dict.fromkeys(stored.keys() - names, "")
        return UpdateOne({"_id": key.id}, {"$set": changed} | ({"$unset": gone} if gone else {}))


def _moved(before: Document, after: Document) -> set[str]:
    """The fields that a decision changed: most of a copy are the very same objects."""
    old = vars(before)
    return {
        name for name, value in vars(after).items() if value is not old[name] and value != old[name]
    }


@cache
def _stored_names(model: type[Document]) -> frozenset[str]:
    return frozenset(model.model_fields) | _computed(model)


@cache
def _computed(model: type[Document]) -> frozenset[str]:
    return frozenset(model.model_computed_fields)


async def load(store: Store, keys: Iterable[Key[Any]]) -> Loaded:
    """Documents by key as last committed, None where there is none: to be read, not written.

    A key may be named twice.
    """
    wanted = list(dict.fromkeys(keys))
    return _models(wanted, await store.apart(_find, store.committed, wanted))


async def find(store: Store, model: type[D], field: str, value: str) -> list[D]:
    """Documents by an indexed field as last committed: to be read, not written."""
    cursor = store.collection(model.COLLECTION).find({field: value}).sort("_id", 1)
    return [to_document(row, model) for row in await cursor.to_list(None)]


def _find(exchange: Exchange, keys: Iterable[Key[Any]]) -> dict[Key[Any], dict[str, Any]]:
    """The stored documents: one query per collection, though several models may share it."""
    by_collection: defaultdict[str, list[Key[Any]]] = defaultdict(list)
    for key in keys:
        by_collection[key.model.COLLECTION].append(key)
    rows: dict[Key[Any], dict[str, Any]] = {}
    for name, wanted in by_collection.items():
        ids = list({key.id for key in wanted})
        answer = exchange.find(name, {"_id": {"$in": ids}}, batch_size=len(ids) + 1)
        found = {row["_id"]: row for row in answer}
        rows |= {key: dict(found[key.id]) for key in wanted if key.id in found}
    return rows


def _models(keys: Iterable[Key[Any]], rows: Mapping[Key[Any], dict[str, Any]]) -> Loaded:
    return {key: to_document(rows[key], key.model) if key in rows else None for key in keys}
