"""A one-node KRaft Kafka, on the JVM or in a container: its settings, how to see it answer."""

from collections.abc import Callable

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

ANSWER_S = 2
"""How long one look at the cluster may take; assumed."""


def server_properties(
    *,
    data: str,
    listen: str,
    advertised: str,
    controller_port: int,
) -> str:
    """`server.properties` of a broker and controller in one process.

    One node cannot replicate, so the internal topics have one replica; few partitions for them,
    because each costs open files and start time.
    Source: https://kafka.apache.org/41/configuration/broker-configs/
    """
    settings = {
        "process.roles": "broker,controller",
        "node.id": 1,
        "controller.quorum.bootstrap.servers": f"127.0.0.1:{controller_port}",
        "controller.listener.names": "CONTROLLER",
        "listeners": f"PLAINTEXT://{listen},CONTROLLER://127.0.0.1:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://{advertised}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": data,
        "auto.create.topics.enable": "false",
        "group.initial.rebalance.delay.ms": 0,
        "offsets.topic.replication.factor": 1,
        "offsets.topic.num.partitions": 4,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "transaction.state.log.num.partitions": 2,
        "share.coordinator.state.topic.replication.factor": 1,
        "share.coordinator.state.topic.min.isr": 1,
        "share.coordinator.state.topic.num.partitions": 1,
        "group.min.session.timeout.ms": 1000,  # tests of failures want short sessions
        # a broker killed with SIGKILL is let in again only when its old session ended (9 s by
        # default: restarts took 11 s)
        "broker.session.timeout.ms": 3000,
        "broker.heartbeat.interval.ms": 500,
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def answers(bootstrap: str) -> Callable[[], bool]:
    """A check that the cluster at `bootstrap` tells its brokers."""
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})

    def check() -> bool:
        try:
            return bool(admin.list_topics(timeout=ANSWER_S).brokers)
        except KafkaException:
            return False

    return check
