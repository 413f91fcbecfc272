"""Create the topics of the registry on a Kafka, and say where the Kafka differs from it."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import for_code

from deploy.local.embedded_broker import create_topics as create_embedded
from deploy.local.embedded_broker import delete_topics as delete_embedded
from deploy.local.embedded_broker import list_topics as list_embedded
from shared.contracts.topics import TOPICS, Topic

TOPIC_ALREADY_EXISTS = 36
"""https://kafka.apache.org/protocol.html#protocol_error_codes"""
KNOWN_S = 30
POLL_S = 0.05
"""Measured: one node knows 12 new topics of 12 partitions within 0.2 s."""
MIN_INSYNC = "min.insync.replicas"


class TopicsFailed(RuntimeError):
    """The Kafka refused to create or describe a topic."""


@dataclass(frozen=True)
class Cluster:
    """A Kafka and how the registry applies to it.

    `control`: control port of an embedded broker, which cannot create topics over the protocol
    and has no topic settings; `max_replication`: how many brokers can hold a copy.
    """

    bootstrap: str
    prefix: str = ""
    control: str | None = None
    max_replication: int | None = None

    def replication(self, topic: Topic) -> int:
        """Copies of the topic here."""
        return min(topic.replication, self.max_replication or topic.replication)

    def config(self, topic: Topic) -> dict[str, str]:
        """Settings of the topic here: no more copies in sync than there are copies."""
        config = topic.config()
        in_sync = min(int(config[MIN_INSYNC]), self.replication(topic))
        return {**config, MIN_INSYNC: str(in_sync)}


async def create_topics(
    cluster: Cluster, topics: Iterable[Topic] = tuple(TOPICS.values())
) -> list[str]:
    """Create the topics that are missing; return their names. The others are left as they are.

    Raises: TopicsFailed, which names each topic refused and why.
    """
    wanted = {topic.full(cluster.prefix): topic for topic in topics}
    if cluster.control is not None:
        present = list_embedded(cluster.control)
        create_embedded(cluster.control, {name: t.partitions for name, t in wanted.items()})
        return sorted(wanted.keys() - present.keys())
    async with _admin(cluster) as admin:
        answer = await admin.create_topics(
            [
                NewTopic(
                    name,
                    topic.partitions,
                    cluster.replication(topic),
                    topic_configs=cluster.config(topic),
                )
                for name, topic in wanted.items()
            ]
        )
        created = sorted(name for name, code, _ in answer.topic_errors if code == 0)
        await _wait_known(admin, created)
    refused = [
        f"{name}: {message or for_code(code).__name__}"
        for name, code, message in answer.topic_errors
        if code not in (0, TOPIC_ALREADY_EXISTS)
    ]
    if refused:
        raise TopicsFailed("; ".join(refused))
    return created


async def _wait_known(admin: AIOKafkaAdminClient, names: list[str]) -> None:
    """Return once every partition has a leader: brokers learn of a new topic a little later."""
    async with asyncio.timeout(KNOWN_S):
        while names and not all(map(_has_leaders, await admin.describe_topics(names))):  # noqa: ASYNC110 (the broker sends no event)
            await asyncio.sleep(POLL_S)


def _has_leaders(topic: dict[str, Any]) -> bool:
    return topic["error_code"] == 0 and all(
        partition["error_code"] == 0 and partition["leader"] >= 0
        for partition in topic["partitions"]
    )


async def delete_topics(cluster: Cluster, topics: Iterable[Topic]) -> None:
    """Delete topics and their records; only for the prefixed topics of a test.

    No consumer of theirs may run any more: one that commits to them would try for ever.
    """
    if not cluster.prefix:
        raise TopicsFailed("topics without a prefix are not a test's")
    names = [topic.full(cluster.prefix) for topic in topics]
    if cluster.control is not None:
        delete_embedded(cluster.control, names)
        return
    async with _admin(cluster) as admin:
        await admin.delete_topics(names)


async def diff_topics(
    cluster: Cluster, topics: Iterable[Topic] = tuple(TOPICS.values())
) -> list[str]:
    """Say, a line per difference, where the Kafka differs from the registry.

    Compared: presence, partitions, replication and the settings that the registry names. The
    embedded broker knows presence and partitions only.
    """
    wanted = {topic.full(cluster.prefix): topic for topic in topics}
    if cluster.control is not None:
        present = list_embedded(cluster.control)
        return [
            line
            for name, topic in wanted.items()
            for line in _shape(name, topic.partitions, present.get(name))
        ]
    async with _admin(cluster) as admin:
        described = await admin.describe_topics(list(wanted))
        found = {t["topic"]: t["partitions"] for t in described if t["error_code"] == 0}
        configs = await _configs(admin, list(found))
    lines: list[str] = []
    for name, topic in wanted.items():
        partitions = found.get(name)
        lines += _shape(name, topic.partitions, None if partitions is None else len(partitions))
        if partitions is not None:
            copies = min(len(partition["replicas"]) for partition in partitions)
            if copies != cluster.replication(topic):
                lines.append(f"{name}: {copies} copies, not {cluster.replication(topic)}")
            for key, value in cluster.config(topic).items():
                if configs[name].get(key) != value:
                    lines.append(f"{name}: {key} is {configs[name].get(key)}, not {value}")
    return lines


def _shape(name: str, wanted: int, found: int | None) -> list[str]:
    if found is None:
        return [f"{name}: missing"]
    return [] if found == wanted else [f"{name}: {found} partitions, not {wanted}"]


async def _configs(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, dict[str, str]]:
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    answers = await admin.describe_configs(resources) if resources else []
    # an entry of version 2 is (name, value, …): DescribeConfigsResponse_v2
    return {
        name: {entry[0]: entry[1] for entry in entries}
        for answer in answers
        for _code, _message, _type, name, entries in answer.resources
    }


class _admin:  # noqa: N801 (used as a function)
    """An admin client, started and closed."""

    def __init__(self, cluster: Cluster) -> None:
        self._client = AIOKafkaAdminClient(bootstrap_servers=cluster.bootstrap)

    async def __aenter__(self) -> AIOKafkaAdminClient:
        await self._client.start()
        return self._client

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()
