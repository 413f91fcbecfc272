"""Documents of a group: one find and one bulk write per collection, guarded by their version."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pymongo import InsertOne, ReplaceOne, UpdateOne

from shared.mongo.client import Session, Store
from shared.path.decision import Document, Key

D = TypeVar("D", bound=Document)
Loaded = dict[Key[Any], Document | None]
_Operation = InsertOne[dict[str, Any]] | ReplaceOne[dict[str, Any]] | UpdateOne


class StaleDocument(Exception):
    """A document changed since it was loaded: another writer was faster."""


def to_document(row: dict[str, Any], model: type[D]) -> D:
    """A stored document as its model."""
    row["id"] = row.pop("_id")
    return model.model_validate(row)


def to_row(document: Document) -> dict[str, Any]:
    """A model as a stored document."""
    row = document.model_dump()
    row["_id"] = row.pop("id")
    return row


async def load(store: Store, session: Session | None, keys: Iterable[Key[Any]]) -> Loaded:
    """Load documents by key, one query per collection; None where there is none."""
    by_model: dict[type[Document], list[str]] = defaultdict(list)
    loaded: Loaded = {}
    for key in keys:
        by_model[key.model].append(key.id)
        loaded[key] = None
    for model, ids in by_model.items():
        cursor = store.collection(model.COLLECTION).find({"_id": {"$in": ids}}, session=session)
        for row in await cursor.to_list(None):
            document = to_document(row, model)
            loaded[Key(model, document.id)] = document
    return loaded


async def write(
    store: Store,
    session: Session,
    *,
    before: Loaded,
    written: Mapping[Key[Any], Document],
    touched: Iterable[Key[Any]],
    seqs: Mapping[Key[Any], int],
) -> None:
    """Write what a group changed, and move the version of what it relied on.

    All writers take documents in one order: of two that meet, one goes through.
    Raises `StaleDocument` if a guarded document is no longer as loaded.
    """

    def place(key: Key[Any]) -> tuple[str, bool, str]:
        """By collection, changes before new ones: as few statements as there can be."""
        return key.model.COLLECTION, before.get(key) is None, key.id

    operations: dict[str, list[_Operation]] = defaultdict(list)
    for key in sorted({*written, *touched}, key=place):
        loaded = before.get(key)
        if key in written:
            operations[key.model.COLLECTION].append(_replace(key, written[key], loaded, seqs))
        elif loaded is not None:
            operations[key.model.COLLECTION].append(_touch(loaded))
    for collection, batch in operations.items():
        # In order: what follows a failed statement would only hide its error.
        outcome = await store.collection(collection).bulk_write(
            batch, ordered=True, session=session
        )
        if outcome.matched_count + outcome.inserted_count != len(batch):
            raise StaleDocument(collection)


def _replace(
    key: Key[Any], document: Document, before: Document | None, seqs: Mapping[Key[Any], int]
) -> _Operation:
    row = to_row(document)
    row["seq"] = seqs.get(key, before.seq if before else 0)
    if before is None:
        row["version"] = 1
        return InsertOne(row)
    row["version"] = before.version + 1
    return ReplaceOne({"_id": key.id, "version": before.version}, row)


def _touch(loaded: Document) -> _Operation:
    guard = {"_id": loaded.id, "version": loaded.version}
    return UpdateOne(guard, {"$inc": {"version": 1}})
