"""Records are published, read back and followed as they are."""

import pytest

from deploy.local.servers import Servers
from deploy.topics import Cluster, create_topics
from shared.contracts.topics import HEARTBEATS, TOPICS
from tests.harness.topics import Follower, Kafka, Outgoing, Publisher, Record, lag, read_topic

pytestmark = pytest.mark.connected
DEADLINE_S = 10


@pytest.fixture
def kafka(servers: Servers) -> Kafka:
    return Kafka(servers.kafka, servers.fetch_max_wait_ms)


@pytest.fixture
async def topic(servers: Servers, prefix: str) -> str:
    cluster = Cluster(servers.kafka, prefix, servers.kafka_control, max_replication=1)
    await create_topics(cluster, [TOPICS[HEARTBEATS]])
    return TOPICS[HEARTBEATS].full(prefix)


def is_last(record: Record) -> bool:
    return record.value == b"last"


async def test_tombstones_odd_headers_and_positions_are_kept(kafka: Kafka, topic: str) -> None:
    sent = [
        Outgoing(topic, b"k", (("ce_id", b"1"), ("odd", b"\xff\xfe")), None, partition=3),
        Outgoing(topic, None, (), b'{"a": 1}', partition=3, timestamp_ms=1_700_000_000_000),
    ]
    async with Publisher(kafka) as publisher:
        assert await publisher.publish_all(sent) == [(3, 0), (3, 1)]
    first, second = await read_topic(kafka, topic)
    assert (first.key, first.value, first.json()) == (b"k", None, None)
    assert (first.header("ce_id"), first.header("absent")) == ("1", None)
    assert first.headers[1] == ("odd", b"\xff\xfe")
    assert (second.key, second.json(), second.timestamp_ms) == (None, {"a": 1}, 1_700_000_000_000)


async def test_follower_sees_what_was_and_what_comes(kafka: Kafka, topic: str) -> None:
    async with Publisher(kafka) as publisher:
        await publisher.publish(Outgoing(topic, b"k", (), b"first"))
        async with Follower(kafka, topic) as follower:
            await follower.wait_for(lambda record: record.value == b"first", DEADLINE_S)
            await publisher.publish(Outgoing(topic, b"k", (), b"last"))
            last = await follower.wait_for(is_last, DEADLINE_S)
            assert (last.offset, len(follower.records)) == (1, 2)
            with pytest.raises(AssertionError, match=r"1 of 2 after 0.1 s: two lasts"):
                await follower.wait_for_many(is_last, 2, 0.1, "two lasts")


async def test_many_records_in_order_of_each_key(kafka: Kafka, topic: str) -> None:
    count = 20_000
    async with Publisher(kafka) as publisher:
        positions = await publisher.publish_all(
            Outgoing(topic, b"k%d" % (number % 50), (), b"%d" % number) for number in range(count)
        )
    assert len(set(positions)) == count
    records = await read_topic(kafka, topic)
    seen: dict[bytes | None, list[int]] = {}
    for record in records:
        seen.setdefault(record.key, []).append(int(record.value or b""))
    assert sum(map(len, seen.values())) == count
    assert all(numbers == sorted(numbers) for numbers in seen.values())
    assert await lag(kafka, "a group that never was", topic) == count


async def test_reading_an_empty_topic_ends(kafka: Kafka, topic: str) -> None:
    assert await read_topic(kafka, topic) == []
