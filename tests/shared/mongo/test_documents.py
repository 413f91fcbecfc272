"""Documents of a group: loaded by key, written in one go, guarded by the snapshot."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest

from shared.contracts.comptes import Poste
from shared.mongo.client import Store, is_duplicate_key, is_write_conflict
from shared.mongo.documents import Documents, load, to_document, to_row
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


def write(
    store: Store, *written: Document, loading: Iterable[Key[Any]] = (), touched: Iterable[Any] = ()
) -> None:
    """Write in a transaction that loaded these documents first."""
    with store.transaction(5.0) as exchange:
        documents = Documents(exchange)
        documents.load(loading)
        documents.write(by_key(written), touched=touched)


def by_key(written: Iterable[Document]) -> dict[Key[Any], Document]:
    return {document.key: document for document in written}


async def stored(store: Store, key: Key[Any]) -> Any:
    return (await load(store, [key]))[key]


async def test_what_does_not_exist_is_loaded_as_nothing(store: Store):
    write(store, Counter(id="c1", total=3))
    loaded = await load(store, [C1, C2, C1])
    assert loaded == {C1: Counter(id="c1", total=3, version=1), C2: None}


async def test_a_document_comes_back_as_it_was_written(store: Store):
    at = datetime(2026, 3, 2, 9, 15, 0, 123_000, tzinfo=UTC)
    fiche = Fiche(id="f", poste=Poste.ITINERANT, at=at, parts=("a", "b"))
    write(store, fiche)
    loaded = (await load(store, [fiche.key]))[fiche.key]
    assert loaded == fiche.changed(version=1)
    assert loaded.at.tzinfo is not None


async def test_versions_and_numbers_are_the_runtimes_a_decision_never_sets_them(store: Store):
    write(store, Counter(id="c1", version=9, seq=9))
    before = await stored(store, C1)
    assert (before.version, before.seq) == (1, 0)
    write(store, before.changed(version=50, seq=50), loading=[C1])
    after = await stored(store, C1)
    assert (after.version, after.seq) == (2, 0)


@pytest.mark.parametrize("touched", [True, False])
async def test_a_document_no_longer_as_loaded_stops_the_group(store: Store, touched: bool):
    """What it was found by does not tell: the transaction's snapshot does."""
    write(store, Counter(id="c1"))

    def second() -> None:
        with store.transaction(5.0) as exchange:
            documents = Documents(exchange)
            documents.load([C1])
            write(store, Counter(id="c1", total=1), loading=[C1])
            written = {} if touched else {C1: Counter(id="c1", total=2)}
            documents.write(written, touched=[C1])

    with pytest.raises(Exception) as caught:  # noqa: PT011 - the driver's own kinds
        second()
    assert is_write_conflict(caught.value)
    assert (await stored(store, C1)).total == 1


async def test_a_version_moves_by_being_relied_on(store: Store):
    write(store, Counter(id="c1", total=4))
    write(store, loading=[C1, C2], touched=[C1, C2])
    assert await stored(store, C1) == Counter(id="c1", total=4, version=2)
    assert await stored(store, C2) is None


async def test_a_change_leaves_nothing_of_the_document_before(store: Store):
    """As if it had been replaced: also what the model does not know."""
    write(store, Counter(id="c1", total=4), Counter(id="c2"))
    counters = store.collection("counters")
    await counters.update_many({}, {"$set": {"bail": {"jeton": "t"}}})
    for total in (5, 5):  # the second changes nothing but the version
        write(store, Counter(id="c1", total=total), loading=[C1])
    row: Any = await counters.find_one({"_id": "c1"})
    assert row == to_row(Counter(id="c1", total=5, version=3))
    untouched: Any = await counters.find_one({"_id": "c2"})
    assert untouched["bail"] == {"jeton": "t"}


async def test_a_new_document_whose_id_is_taken_is_a_duplicate_key(store: Store):
    write(store, Counter(id="c1"))
    with pytest.raises(Exception) as caught:  # noqa: PT011 - the driver's own kinds
        write(store, Counter(id="c1"))
    assert is_duplicate_key(caught.value)
    assert not is_write_conflict(caught.value)


async def test_of_two_writers_that_meet_one_goes_through(store: Store):
    """Both take documents in the same order, however their decisions wrote them."""
    both = [Counter(id=f"c{n}", total=1) for n in range(10)]
    keys = [document.key for document in both]
    write(store, *(document.changed(total=0) for document in both))
    with store.transaction(5.0) as exchange:
        documents = Documents(exchange)
        documents.load(keys)
        documents.write(by_key(both))
        with pytest.raises(Exception) as caught:  # noqa: PT011
            write(store, *reversed(both), loading=keys)
        assert is_write_conflict(caught.value)
    assert (await stored(store, C1)).total == 1


def test_a_stored_field_that_the_model_no_longer_has_is_left_out():
    row = {**to_row(Counter(id="c1", total=2)), "older": True}
    assert to_document(row, Counter) == Counter(id="c1", total=2)


async def test_a_taken_id_is_told_as_such_beside_changes_that_could_be_made(store: Store):
    """An error of the next statement, in a transaction already given up, must not hide it."""
    write(store, *(Counter(id=f"c{n}") for n in range(6)))
    changed = [Counter(id=f"c{n}", total=1) for n in range(0, 6, 2)]
    new = [Counter(id=f"c{n}") for n in (1, 7, 9)]
    with pytest.raises(Exception) as caught:  # noqa: PT011
        write(store, *changed, *new, loading=by_key(changed))
    assert is_duplicate_key(caught.value)


async def test_a_group_of_changes_and_new_ones_costs_two_statements(store: Store):
    write(store, *(Counter(id=f"c{n}") for n in range(0, 40, 2)))
    every = [Counter(id=f"c{n}", total=1) for n in range(40)]
    before = await statements(store)
    write(store, *every, loading=by_key(every))
    assert await statements(store) - before == 2


async def statements(store: Store) -> int:
    status: Any = await store.database.command("serverStatus")
    commands = status["metrics"]["commands"]
    return sum(int(commands[name]["total"]) for name in ("update", "insert"))
