"""What a consumer's broker says of its topic: that it is there, and how much is still ahead."""

import asyncio
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import UnknownTopicOrPartitionError

from shared.kafka.staleness import Place, Places


async def answers(consumer: Any, topic: str) -> None:
    """Ask the broker for something that needs no group; raises what the client raises."""
    await consumer.end_offsets([TopicPartition(topic, 0)])


async def places(consumer: Any, topic: str) -> Places:
    """Where a whole topic ends, and how far the consumer's group has handled it, in any process.

    Offsets are committed once records are handled: those in hand are still ahead.
    Raises what the client raises.
    """
    partitions = [
        TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()
    ]
    if not partitions:
        raise UnknownTopicOrPartitionError
    starts, ends, *committed = await asyncio.gather(
        consumer.beginning_offsets(partitions),
        consumer.end_offsets(partitions),
        *(consumer.committed(partition) for partition in partitions),
    )
    handled = zip(partitions, committed, strict=True)
    return {
        each.partition: Place(ends[each], max(starts[each], done or 0)) for each, done in handled
    }


async def lag_of(consumer: Any, known: Places | None = None) -> int:
    """Records of a consumer's own partitions that it did not take yet.

    `known` spares the question where they end.
    """
    assigned = consumer.assignment()
    if not assigned:
        return 0
    if known is None:
        ends = await consumer.end_offsets(assigned)
    else:
        ends = {
            each: known[each.partition].end for each in assigned if each.partition in known
        }  # one that came since is counted at the next look
    lag = 0
    for partition, end in ends.items():
        lag += max(0, end - await consumer.position(partition))
    return lag
