"""Pages of documents: in one order that an index serves, each begun after the last one seen."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic

from shared.errors import Refusal
from shared.mongo.client import Store
from shared.mongo.documents import D, to_document, to_row

PAGE = 50
"""Lines of one page at most (assumed)."""
BATCH = 200
"""Documents looked at together where not all of them are shown (assumed: four pages)."""
_HIGHEST = "\U0010ffff"
Query = dict[str, Any]
Sieve = Callable[[Collection[str]], Awaitable[Collection[str]]]
"""Which of these ids are kept, where too many are for a query to name them."""


class PageUnknown(Refusal):
    """Nothing that the actor sees has this id: the page after it is none."""

    code: ClassVar[str] = "page_inconnue"
    sentence: ClassVar[str] = "Cette page n’existe plus : reprenez la liste depuis le début."
    field: ClassVar[str | None] = "apres"
    status: ClassVar[int] = 404


@dataclass(frozen=True)
class Page(Generic[D]):
    """Some documents in order, and the one after which the next page begins."""

    documents: Sequence[D]
    suivant: str | None


async def read_page(
    store: Store,
    model: type[D],
    seen: Query,
    *,
    filters: Sequence[Query] = (),
    seen_by: Sieve | None = None,
    filtered_by: Sieve | None = None,
    order: Sequence[str],
    apres: str | None,
) -> Page[D]:
    """One page of what is seen and asked for, and whether there is another. Raises PageUnknown.

    With a sieve, batches in that order are sifted until the page is full.
    """
    rows, order = store.collection(model.COLLECTION), (*order, "_id")
    after: list[Query] = []
    if apres is not None:
        last = await rows.find_one({"$and": [seen, {"_id": {"$eq": apres}}]})
        if last is None or (seen_by is not None and apres not in await seen_by([apres])):
            raise PageUnknown
        after = [_after(order, to_row(to_document(last, model)))]
    sieves = [each for each in (seen_by, filtered_by) if each is not None]
    size = BATCH if sieves else PAGE + 1
    found: list[D] = []
    while True:
        asked = {"$and": [seen, *filters, *after]}
        cursor = rows.find(asked).sort([(name, 1) for name in order]).limit(size)
        batch = [to_document(row, model) for row in await cursor.to_list(size)]
        found += await _sifted(batch, sieves)
        if len(batch) < size or len(found) > PAGE:
            break
        after = [_after(order, to_row(batch[-1]))]
    page = found[:PAGE]
    return Page(page, page[-1].id if len(found) > PAGE else None)


async def _sifted(batch: Sequence[D], sieves: Sequence[Sieve]) -> list[D]:
    """Those of a batch that every sieve keeps."""
    kept: Collection[str] = [each.id for each in batch]
    for sieve in sieves:
        kept = await sieve(kept)
    return [each for each in batch if each.id in set(kept)]


def beginning(text: str) -> Query:
    """What begins with a text, as a range of the index."""
    return {"$gte": text, "$lt": text + _HIGHEST}


def _after(order: Sequence[str], last: Mapping[str, Any]) -> Query:
    """What comes after a document in an order; the first condition is for the index."""
    further = []
    for index, name in enumerate(order):
        same = {each: last[each] for each in order[:index]}
        further.append({**same, name: {"$gt": last[name]}})
    return {order[0]: {"$gte": last[order[0]]}, "$or": further}
