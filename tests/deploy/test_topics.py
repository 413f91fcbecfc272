"""The registry is created as it is written, and a Kafka that differs is told."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from deploy.__main__ import main
from deploy.local.servers import Servers
from deploy.topics import Cluster, TopicsFailed, create_topics, delete_topics, diff_topics
from shared.contracts.topics import CREDENTIALS, DAY_MS, HEARTBEATS, TOPICS

pytestmark = pytest.mark.connected


@pytest_asyncio.fixture
async def cluster(servers: Servers, prefix: str) -> AsyncIterator[Cluster]:
    cluster = Cluster(servers.kafka, prefix, servers.kafka_control, max_replication=1)
    yield cluster
    await delete_topics(cluster, TOPICS.values())


async def test_create_is_complete_and_idempotent(cluster: Cluster) -> None:
    names = sorted(topic.full(cluster.prefix) for topic in TOPICS.values())
    assert await diff_topics(cluster) == [
        f"{topic.full(cluster.prefix)}: missing" for topic in TOPICS.values()
    ]
    assert await create_topics(cluster) == names
    assert await create_topics(cluster) == []
    assert await diff_topics(cluster) == []


async def test_other_partition_count_is_told_and_left(cluster: Cluster) -> None:
    await create_topics(cluster, [replace(TOPICS[HEARTBEATS], partitions=3)])
    assert await create_topics(cluster, [TOPICS[HEARTBEATS]]) == []
    assert await diff_topics(cluster, [TOPICS[HEARTBEATS]]) == [
        f"{cluster.prefix}{HEARTBEATS}: 3 partitions, not 12"
    ]


@pytest.mark.apache
async def test_other_setting_and_replication_are_told(cluster: Cluster) -> None:
    longer = replace(TOPICS[CREDENTIALS], retention_ms=2 * DAY_MS)
    await create_topics(cluster, [longer])
    name = longer.full(cluster.prefix)
    assert await diff_topics(cluster, [TOPICS[CREDENTIALS]]) == [
        f"{name}: retention.ms is {2 * DAY_MS}, not {DAY_MS}",
        f"{name}: segment.ms is 604800000, not 3600000",
    ]
    assert f"{name}: 1 copies, not 3" in await diff_topics(
        replace(cluster, max_replication=None), [longer]
    )


@pytest.mark.apache
async def test_refusal_names_the_topic(cluster: Cluster) -> None:
    with pytest.raises(TopicsFailed, match=HEARTBEATS):
        await create_topics(replace(cluster, max_replication=3), [TOPICS[HEARTBEATS]])


async def test_topics_without_a_prefix_are_never_deleted(cluster: Cluster) -> None:
    with pytest.raises(TopicsFailed):
        await delete_topics(replace(cluster, prefix=""), TOPICS.values())


def test_command_exit_codes(
    servers: Servers,
    prefix: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP", servers.kafka)
    monkeypatch.setenv("KAFKA_CONTROL", servers.kafka_control or "")
    options = ["--prefix", prefix, "--max-replication", "1"]
    assert main(["topics", "diff", *options]) == 1
    assert f"{prefix}{HEARTBEATS}: missing" in capsys.readouterr().out
    assert main(["topics", "create", *options]) == 0
    assert f"{prefix}{HEARTBEATS}\n" in capsys.readouterr().out
    assert main(["topics", "diff", *options]) == 0
    assert capsys.readouterr().out == ""


def test_command_without_a_kafka_is_misused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KAFKA_BOOTSTRAP", raising=False)
    monkeypatch.delenv("KAFKA_CONTROL", raising=False)
    assert main(["topics", "diff"]) == 2
