"""Documents of a group: loaded by key, written in one go, guarded by their version."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest

from shared.contracts.identity import Poste
from shared.mongo import documents
from shared.mongo.client import Store, is_duplicate_key, is_write_conflict
from shared.mongo.documents import StaleDocument, load, to_document, to_row
from shared.path.decision import Document, Key
from tests.shared.tiny import Counter

C1, C2 = Counter.key_of("c1"), Counter.key_of("c2")


class Fiche(Document):
    """A document with the kinds of values that ours have."""

    COLLECTION: ClassVar[str] = "counters"

    poste: Poste
    at: datetime
    parts: tuple[str, ...] = ()
    comment: str | None = None


async def write(
    store: Store, before: Mapping[Key[Any], Any], *written: Document, touched: Iterable[Any] = ()
) -> None:
    async with store.transaction(5.0) as session:
        await documents.write(
            store,
            session,
            before=dict(before),
            written={document.key: document for document in written},
            touched=touched,
            seqs={},
        )


async def stored(store: Store, key: Key[Any]) -> Any:
    return (await load(store, None, [key]))[key]


async def test_what_does_not_exist_is_loaded_as_nothing(store: Store):
    await write(store, {}, Counter(id="c1", total=3))
    loaded = await load(store, None, [C1, C2])
    assert loaded[C1] == Counter(id="c1", total=3, version=1)
    assert loaded[C2] is None


async def test_a_document_comes_back_as_it_was_written(store: Store):
    at = datetime(2026, 3, 2, 9, 15, 0, 123_000, tzinfo=UTC)
    fiche = Fiche(id="f", poste=Poste.ITINERANT, at=at, parts=("a", "b"))
    await write(store, {}, fiche)
    loaded = (await load(store, None, [fiche.key]))[fiche.key]
    assert loaded == fiche.changed(version=1)
    assert loaded.at.tzinfo is not None


async def test_versions_and_numbers_are_the_runtimes_a_decision_never_sets_them(store: Store):
    await write(store, {}, Counter(id="c1", version=9, seq=9))
    before = await stored(store, C1)
    assert (before.version, before.seq) == (1, 0)
    await write(store, {C1: before}, before.changed(version=50, seq=50))
    after = await stored(store, C1)
    assert (after.version, after.seq) == (2, 0)


@pytest.mark.parametrize("touched", [True, False])
async def test_a_document_no_longer_as_loaded_stops_the_group(store: Store, touched: bool):
    await write(store, {}, Counter(id="c1"))
    stale = await stored(store, C1)
    await write(store, {C1: stale}, stale.changed(total=1))
    written = [] if touched else [stale.changed(total=2)]
    with pytest.raises(StaleDocument):
        await write(store, {C1: stale}, *written, touched=[C1] if touched else [])
    assert (await stored(store, C1)).total == 1


async def test_a_new_document_whose_id_is_taken_is_a_duplicate_key(store: Store):
    await write(store, {}, Counter(id="c1"))
    with pytest.raises(Exception) as caught:  # noqa: PT011 - the driver's own kinds
        await write(store, {C1: None}, Counter(id="c1"))
    assert is_duplicate_key(caught.value)
    assert not is_write_conflict(caught.value)


async def test_of_two_writers_that_meet_one_goes_through(store: Store):
    """Both take documents in the same order, however their decisions wrote them."""
    both = [Counter(id=f"c{n}") for n in range(10)]
    await write(store, {}, *both)
    loaded = await load(store, None, [document.key for document in both])
    changed = [document.changed(total=1) for document in loaded.values() if document]
    async with store.transaction(5.0) as session:
        first = {document.key: document for document in changed}
        await documents.write(store, session, before=loaded, written=first, touched=(), seqs={})
        with pytest.raises(Exception) as caught:  # noqa: PT011
            await write(store, loaded, *reversed(changed))
        assert is_write_conflict(caught.value)
    assert (await stored(store, C1)).total == 1


def test_a_stored_field_that_the_model_no_longer_has_is_left_out():
    row = {**to_row(Counter(id="c1", total=2)), "older": True}
    assert to_document(row, Counter) == Counter(id="c1", total=2)


async def test_a_taken_id_is_told_as_such_beside_changes_that_could_be_made(store: Store):
    """An error of the next statement, in a transaction already given up, must not hide it."""
    await write(store, {}, *(Counter(id=f"c{n}") for n in range(6)))
    loaded = await load(store, None, [Counter.key_of(f"c{n}") for n in range(0, 6, 2)])
    changed = [document.changed(total=1) for document in loaded.values() if document]
    new = [Counter(id=f"c{n}") for n in (1, 7, 9)]
    with pytest.raises(Exception) as caught:  # noqa: PT011
        await write(store, loaded, *changed, *new)
    assert is_duplicate_key(caught.value)


async def test_a_group_of_changes_and_new_ones_costs_two_statements(store: Store):
    await write(store, {}, *(Counter(id=f"c{n}") for n in range(0, 40, 2)))
    loaded = await load(store, None, [Counter.key_of(f"c{n}") for n in range(40)])
    every = [document or Counter(id=key.id) for key, document in loaded.items()]
    before = await statements(store)
    await write(store, loaded, *every)
    assert await statements(store) - before == 2


async def statements(store: Store) -> int:
    status: Any = await store.database.command("serverStatus")
    commands = status["metrics"]["commands"]
    return sum(int(commands[name]["total"]) for name in ("update", "insert"))
