"""Facts on a real Kafka, published as the services do, for foreign programs to read."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from deploy.topics import Cluster, create_topics
from shared.contracts.catalogue import ALL_MESSAGES, example_of, owner_of
from shared.contracts.envelope import Fact
from shared.kafka.producer import Producer
from shared.path.rows import fact_row, moment, source_of
from shared.path.work import Row
from tests.harness.topics import Kafka, Record, read_topic

COPIES = 12
"""Records of each fact, each with a key of its own: as many as partitions; assumed."""
AT = datetime(2026, 3, 2, 9, 15, tzinfo=UTC)
FACTS = [model for model in ALL_MESSAGES.values() if issubclass(model, Fact)]


@dataclass(frozen=True)
class Published:
    """Rows on a Kafka: what was sent, and how our own client reads it back."""

    kafka: Kafka
    prefix: str
    rows: dict[str, Row]
    records: list[Record]

    @property
    def topics(self) -> list[str]:
        """Full names of the topics that hold them."""
        return sorted({record.topic for record in self.records})


async def publish(cluster: Cluster, kafka: Kafka) -> Published:
    """Publish every fact of the language, several times, through the services' own producer."""
    await create_topics(cluster)
    rows = {row.id: row for model in FACTS for row in _rows(model)}
    producer = Producer([cluster.bootstrap], client_id="interop", topic_prefix=cluster.prefix)
    try:
        acknowledged = await producer.publish(list(rows.values()))
    finally:
        await producer.stop()
    assert acknowledged == rows.keys()
    topics = sorted({cluster.prefix + row.topic for row in rows.values()})
    records = [record for topic in topics for record in await read_topic(kafka, topic)]
    return Published(kafka, cluster.prefix, rows, records)


def _rows(model: type[Fact]) -> Iterator[Row]:
    example = model.model_validate_json(json.dumps(example_of(model)))
    for number in range(COPIES):
        fact = example.model_copy(update={model.KEY: f"interop-{number:02}"})
        yield fact_row(
            fact,
            id=f"{model.TYPE}/{number}",
            aggregate=f"{model.TYPE}/{number}",
            seq=number + 1,
            source=source_of(owner_of(model)),
            at=moment(AT),
            correlation_id=f"correlation-{number}",
            cause=f"cause-{number}" if number % 2 else None,
            traced={"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"} if number % 3 else {},
        )
