"""The highest number of a fact that was handled is remembered for ever."""

from shared.mongo.client import Store
from shared.mongo.unit_of_work import UnitOfWork
from shared.path.group import HighWater
from shared.path.work import Mark, Work
from tests.shared.asking import add, origin_at
from tests.shared.mongo.deciding import total


async def test_a_fact_never_acts_twice_even_when_the_inbox_has_forgotten_it(
    store: Store, unit_of_work: UnitOfWork
):
    def fact(id: str, sequence: int) -> Work:
        mark = Mark("mcp.x|/mcp/x|c1", sequence)
        return add("c1", id=id, mark=mark, is_fact=True, origin=origin_at(sequence))

    await unit_of_work.attempt([fact("f2", 2)])
    await store.collection("inbox").delete_many({})
    await unit_of_work.attempt([fact("f2", 2), fact("f1", 1)])
    assert await total(store) == 1
    await unit_of_work.attempt([fact("f3", 3)])
    assert await total(store) == 2
    high = await unit_of_work.load(HighWater.key_of("mcp.x|/mcp/x|c1"))
    assert high is not None
    assert high.reached == 3


async def test_no_index_makes_a_high_water_expire(store: Store):
    indexes = await store.collection("reactions").index_information()
    assert not [index for index in indexes.values() if "expireAfterSeconds" in index]
