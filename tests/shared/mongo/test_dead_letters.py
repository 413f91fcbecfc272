"""Dead letters are rows of the group that could not handle their record."""

import dataclasses

from shared.mongo import outbox
from shared.mongo.client import Store
from shared.mongo.unit_of_work import UnitOfWork
from shared.path.work import Park
from tests.shared.asking import add, origin_at


async def test_a_dead_letter_polled_again_is_not_repeated(store: Store, unit_of_work: UnitOfWork):
    park = Park(origin_at(3), "json_invalid")
    await unit_of_work.attempt([park])
    await outbox.delete(store, ["dl/mcp.tiny.commands/0/3"])
    again = await unit_of_work.attempt([park])
    assert again.outcomes[0].first is False
    assert again.rows == []


async def test_a_dead_letter_does_not_use_up_the_id_of_its_message(
    store: Store, unit_of_work: UnitOfWork
):
    await unit_of_work.attempt([Park(origin_at(3), "bug")])
    (outcome,) = (await unit_of_work.attempt([add("c1", id="m1")])).outcomes
    assert (outcome.status, outcome.first) == ("done", True)


async def test_a_dead_letter_may_hold_any_header_that_a_sender_wrote(
    store: Store, unit_of_work: UnitOfWork
):
    headers = {"": "empty", "a.b": "dot", "$set": "dollar", "_id": "id", "é": "accent"}
    origin = dataclasses.replace(origin_at(3), headers=headers, key="\x00", value=b"\x00\xff")
    await unit_of_work.attempt([Park(origin, "json_invalid")])
    (kept,) = await outbox.left_behind(store, -60_000)
    assert kept.headers.items() >= headers.items()
    assert (kept.key, kept.value) == ("\x00", b"\x00\xff")
