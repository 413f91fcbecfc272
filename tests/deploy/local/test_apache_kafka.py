"""Apache Kafka on the JVM keeps what it acknowledged over a kill, on the same port."""

import pytest

from deploy.local.apache_kafka import ApacheKafka
from deploy.local.kafka_jars import kafka_jars, kafka_version
from deploy.topics import Cluster, create_topics, diff_topics
from shared.contracts.topics import commands_topic
from tests.harness.topics import Kafka, Outgoing, Publisher, read_topic

pytestmark = [pytest.mark.connected, pytest.mark.apache]
TOPIC = commands_topic("identity")


async def test_records_survive_kill_and_restart(apache: ApacheKafka) -> None:
    cluster = Cluster(apache.address, max_replication=1)
    await create_topics(cluster)
    kafka, pid = Kafka(apache.address), apache.pid
    async with Publisher(kafka) as publisher:
        await publisher.publish(Outgoing(TOPIC, b"k", (), b"1"))
        apache.kill()
        apache.restart()
        await publisher.publish(Outgoing(TOPIC, b"k", (), b"2"))
    apache.restart()
    assert [record.value for record in await read_topic(kafka, TOPIC)] == [b"1", b"2"]
    assert apache.pid != pid
    assert await diff_topics(cluster) == []


def test_jars_are_copied_once() -> None:
    jars = kafka_jars()
    assert jars.name == kafka_version()
    assert (jars / f"kafka_2.13-{kafka_version()}.jar").exists()
