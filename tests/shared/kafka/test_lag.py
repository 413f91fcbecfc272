"""How much is still ahead: of one process, and of the whole service."""

import asyncio
import contextlib
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import UnknownTopicOrPartitionError

from deploy.local.servers import Servers
from shared.kafka.broker import Record
from shared.kafka.lag import answers, lag_of, places
from shared.kafka.staleness import Place
from tests.harness.polling import eventually
from tests.shared.kafka.polling import fill, make_topic, numbered, subscribed

DEADLINE_S = 20


async def behind(consumer: Any, topic: str) -> int:
    """Records of a whole topic that the consumer's group has not handled yet."""
    return sum(each.end - each.handled for each in (await places(consumer, topic)).values())


async def test_a_partition_that_came_since_the_ends_were_asked_counts_at_the_next_look():
    class Consumer:
        def assignment(self) -> set[TopicPartition]:
            return {TopicPartition("t", number) for number in range(3)}

        async def position(self, _: TopicPartition) -> int:
            return 4

    assert await lag_of(Consumer(), {0: Place(10, 2), 1: Place(4, 0)}) == 6


async def test_records_in_hand_are_still_ahead_of_the_service(servers: Servers, prefix: str):
    topic = f"{prefix}ahead"
    await make_topic(servers, topic, 3)
    await fill(servers, numbered(topic, 3, 5))
    taken, go_on = asyncio.Event(), asyncio.Event()

    async def handle(_: list[Record]) -> None:
        taken.set()
        await go_on.wait()

    async with subscribed(servers, topic, handle) as subscriber:
        await asyncio.wait_for(taken.wait(), DEADLINE_S)
        consumer = subscriber.consumer
        await answers(consumer, topic)
        assert await behind(consumer, topic) == 15
        assert await lag_of(consumer) < 15
        go_on.set()

        async def through() -> bool:
            return await behind(consumer, topic) == 0 and await lag_of(consumer) == 0

        await eventually(through, DEADLINE_S, "all handled")


@pytest.mark.apache  # the embedded broker refuses the second member of a group
async def test_what_another_process_has_not_handled_counts_too(servers: Servers, prefix: str):
    topic = f"{prefix}shared"
    await make_topic(servers, topic, 4)
    held = asyncio.Event()

    async def hold(_: list[Record]) -> None:
        await held.wait()

    async def handle(_: list[Record]) -> None:
        return

    async with contextlib.AsyncExitStack() as stack:
        slow = await stack.enter_async_context(subscribed(servers, topic, hold))
        quick = await stack.enter_async_context(subscribed(servers, topic, handle))

        def shared() -> bool:
            return len(slow.consumer.assignment()) == len(quick.consumer.assignment()) == 2

        await eventually(shared, DEADLINE_S, "two partitions each")
        await fill(servers, numbered(topic, 4, 5))

        async def half() -> bool:
            return await behind(quick.consumer, topic) == 10

        await eventually(half, DEADLINE_S, "the slow one's half is left")
        assert await lag_of(quick.consumer) == 0
        held.set()

        async def through() -> bool:
            return await behind(quick.consumer, topic) == 0

        await eventually(through, DEADLINE_S, "all handled")


async def test_a_topic_that_nobody_knows_is_not_at_its_end(servers: Servers, prefix: str):
    topic = f"{prefix}known"
    await make_topic(servers, topic, 1)

    async def handle(_: list[Record]) -> None:
        return

    async with subscribed(servers, topic, handle) as subscriber:
        with pytest.raises(UnknownTopicOrPartitionError):
            await places(subscriber.consumer, f"{prefix}unknown")
