"""The broker as the bench uses it: load topics before a round, count and date what came out.

On librdkafka, whose work is outside Python: what watches a round must not slow it down.
"""

import asyncio
import time
from collections.abc import Iterable, Sequence
from contextlib import closing

from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition

from tests.harness.topics import Outgoing

PARTITIONS = 12
LOOK_S = 0.1
"""How often a round is looked at (assumed): well below a hundredth of its length."""
ANSWER_S = 10.0
QUIET = 2
"""Only what is critical (syslog levels); failures are raised here."""
FLUSH_S = 120.0
"""How long a topic may take to be loaded (assumed)."""

Offsets = dict[int, int]


class Unfinished(RuntimeError):
    """A round did not end in time: the figure would mean nothing."""


class Wire:
    """One broker, seen from outside."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self._watcher = self._consumer("bench.watcher")

    def close(self) -> None:
        """Leave the broker."""
        self._watcher.close()

    def load(self, records: Iterable[Outgoing]) -> int:
        """Publish records and wait until the broker has them all; how many there were.

        Partitioned by key as Java's and aiokafka's producers do.
        """
        failures: list[KafkaError] = []

        def delivered(error: KafkaError | None, _: object) -> None:
            if error is not None:
                failures.append(error)

        producer = Producer(
            {
                "bootstrap.servers": self.bootstrap,
                "partitioner": "murmur2_random",
                "enable.idempotence": True,
                "linger.ms": 5,
                "log_level": QUIET,
                "queue.buffering.max.messages": 2_000_000,
            }
        )
        count = 0
        for record in records:
            producer.produce(
                record.topic,
                value=record.value,
                key=record.key,
                headers=list(record.headers),
                on_delivery=delivered,
            )
            count += 1
            if not count % 1_000:
                producer.poll(0)
        left = producer.flush(FLUSH_S)
        if left or failures:
            raise Unfinished(f"{left + len(failures)} of {count} records were not published")
        return count

    def ends(self, topic: str) -> Offsets:
        """Where each partition ends now."""
        return {
            number: self._watcher.get_watermark_offsets(
                TopicPartition(topic, number), timeout=ANSWER_S, cached=False
            )[1]
            for number in range(PARTITIONS)
        }

    def committed(self, group: str, topic: str) -> "Committed":
        """Someone who tells how far a consumer group came on a topic."""
        return Committed(self._consumer(group), topic)

    async def until_added(self, topic: str, since: Offsets, count: int, deadline_s: float) -> None:
        """Wait until so many records came to a topic since then."""
        wanted = sum(since.values()) + count
        end = time.monotonic() + deadline_s
        while (there := sum(self.ends(topic).values())) < wanted:
            if time.monotonic() > end:
                raise Unfinished(f"{topic}: {count - wanted + there} of {count} in {deadline_s} s")
            await asyncio.sleep(LOOK_S)

    async def until_no_lag(self, group: str, topic: str, deadline_s: float = 60.0) -> None:
        """Wait until the group committed all of a topic."""
        end = time.monotonic() + deadline_s
        with closing(self.committed(group, topic)) as looking:
            while lag := sum(self.ends(topic).values()) - looking.total():
                if time.monotonic() > end:
                    raise Unfinished(f"{group} on {topic}: lag of {lag} after {deadline_s} s")
                await asyncio.sleep(LOOK_S)

    def read(self, topic: str, since: Offsets, count: int) -> list[tuple[bytes, float]]:
        """Key and timestamp (seconds) of what came to a topic since then."""
        reader = self._consumer("bench.reader")
        reader.assign([TopicPartition(topic, number, at) for number, at in since.items()])
        found: list[tuple[bytes, float]] = []
        try:
            while len(found) < count:
                messages = reader.consume(count - len(found), timeout=ANSWER_S)
                if not messages:
                    raise Unfinished(f"{topic}: {len(found)} of {count} records can be read")
                found += [(each.key() or b"", each.timestamp()[1] / 1000) for each in messages]
        finally:
            reader.close()
        return found

    def _consumer(self, group: str) -> Consumer:
        """A consumer that joins nothing and commits nothing."""
        return Consumer(
            {
                "bootstrap.servers": self.bootstrap,
                "group.id": group,
                "enable.auto.commit": False,
                "enable.partition.eof": False,
                "auto.offset.reset": "earliest",
                "allow.auto.create.topics": False,
                "log_level": QUIET,
            }
        )


class Committed:
    """Looks at the committed offsets of one group on one topic, without being a member."""

    def __init__(self, consumer: Consumer, topic: str) -> None:
        self._consumer = consumer
        self._partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]

    def total(self) -> int:
        """Records committed in all since the topic's birth."""
        answer: Sequence[TopicPartition] = self._consumer.committed(
            self._partitions, timeout=ANSWER_S
        )
        return sum(max(0, each.offset) for each in answer)

    async def curve(self, total: int, deadline_s: float) -> list[tuple[float, int]]:
        """Watch until that many records are committed: (moment in seconds, committed so far)."""
        points: list[tuple[float, int]] = []
        end = time.monotonic() + deadline_s
        while not points or points[-1][1] < total:
            points.append((time.perf_counter(), self.total()))
            if time.monotonic() > end:
                raise Unfinished(f"{points[-1][1]} of {total} committed in {deadline_s} s")
            await asyncio.sleep(LOOK_S / 4)
        return points

    def close(self) -> None:
        """Leave the broker."""
        self._consumer.close()
