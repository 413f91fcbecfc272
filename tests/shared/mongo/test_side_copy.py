"""A copy is brought into a live collection that others write to, without taking anything back."""

from typing import Any

import pytest

from shared.mongo import side_copy
from shared.mongo.client import Store
from shared.mongo.side_copy import SideCopy

pytestmark = pytest.mark.connected

Rows = dict[str, dict[str, Any]]


async def fill(store: Store, *, live: Rows, side: Rows) -> None:
    for name, rows in (("seen", live), ("seen__rebuild", side)):
        if rows:
            await store.collection(name).insert_many([{"_id": id, **r} for id, r in rows.items()])


async def live_rows(store: Store) -> Rows:
    return {row.pop("_id"): row async for row in store.collection("seen").find({})}


async def bring_all(copy: SideCopy) -> dict[str, int]:
    differing: dict[str, int] = {}
    async for ids in copy.chunks():
        _, found = await copy.bring_over(ids)
        differing |= found
    return differing


async def test_document_written_meanwhile_waits_until_the_copy_has_read_on(
    store: Store,
) -> None:
    await fill(
        store,
        live={"a": {"hundreds": 1, "seq": 3}},
        side={"a": {"total": 30, "seq": 1}},
    )
    copy = SideCopy(store, "seen", whole=True)
    differing = await bring_all(copy)
    assert differing == {"a": 3}
    read_on = {"total": 130, "hundreds": 1, "seq": 3}
    await copy.side.replace_one({"_id": "a"}, read_on)
    assert await copy.settle(differing) == {}
    assert await live_rows(store) == {"a": read_on}


async def test_document_that_moved_again_waits_once_more(store: Store) -> None:
    await fill(store, live={"a": {"seq": 5}}, side={"a": {"total": 1, "seq": 4}})
    copy = SideCopy(store, "seen", whole=True)
    assert await copy.settle({"a": 4}) == {"a": 5}
    assert await live_rows(store) == {"a": {"seq": 5}}


async def test_unknown_document_is_removed_unless_it_moves(store: Store) -> None:
    await fill(store, live={"a": {"seq": 2}, "b": {"seq": 9}}, side={})
    copy = SideCopy(store, "seen", whole=True)
    assert await copy.settle({"a": 2, "b": 8}) == {"b": 9}
    assert (copy.removed, await live_rows(store)) == (1, {"b": {"seq": 9}})


async def test_copy_that_is_not_whole_completes_and_removes_nothing(store: Store) -> None:
    await fill(
        store,
        live={"a": {"total": 30, "seq": 1}, "b": {"total": 1, "seq": 1}},
        side={"a": {"hundreds": 2, "seq": 7}, "c": {"total": 5, "seq": 1}},
    )
    copy = SideCopy(store, "seen", whole=False)
    assert await bring_all(copy) == {}
    assert await live_rows(store) == {
        "a": {"total": 30, "hundreds": 2, "seq": 7},
        "b": {"total": 1, "seq": 1},
        "c": {"total": 5, "seq": 1},
    }
    assert copy.kept == 1


@pytest.mark.parametrize("size", [1, 3, 7, 100])
async def test_chunks_leave_no_document_out(
    store: Store, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(side_copy, "CHUNK", size)
    side = {f"{n:02}": {"seq": n + 1} for n in range(0, 40, 2)}
    await fill(store, live={f"{n:02}": {"seq": 0} for n in range(0, 40, 3)}, side=side)
    copy = SideCopy(store, "seen", whole=True)
    differing = await bring_all(copy)
    assert set(differing) == {f"{n:02}" for n in range(0, 40, 3) if n % 2}
    assert await copy.settle(differing) == {}
    assert await live_rows(store) == side
