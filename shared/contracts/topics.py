"""Every topic, declared once: owner, producers, consumers, key, retention, who stamps the time.

Partition counts are fixed at birth: changing them breaks the order per key (ADR-0005).
"""

from dataclasses import dataclass
from typing import Literal

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
YEAR_MS = 365 * DAY_MS

EVENT_BYTES = 256 * 1024
"""Largest body of a message of ours (ADR-0002)."""
RECORD_BYTES = 1_048_588
"""Largest record of a topic: Kafka's own default for `max.message.bytes`."""
DEAD_LETTER_BYTES = RECORD_BYTES + 64 * 1024
"""A dead letter is its origin, whole, and what is known of it (ADR-0004)."""


@dataclass(frozen=True, kw_only=True)
class Topic:
    """One topic of the platform and who may do what with it."""

    name: str
    carries: str
    owner: str
    producers: tuple[str, ...]
    consumers: tuple[str, ...]
    key: str
    retention_ms: int
    timestamps: Literal["broker", "producer"] = "producer"
    cleanup: Literal["delete", "compact"] = "delete"
    partitions: int = 12
    replication: int = 3
    min_insync: int = 2
    max_message_bytes: int = RECORD_BYTES
    private: bool = False

    def full(self, prefix: str = "") -> str:
        """The name on a broker that several environments share."""
        return f"{prefix}{self.name}"

    def config(self) -> dict[str, str]:
        """The topic's settings in Kafka's words, for whoever creates or compares it."""
        log_append = self.timestamps == "broker"
        settings = {
            "cleanup.policy": self.cleanup,
            "retention.ms": str(self.retention_ms),
            "max.message.bytes": str(self.max_message_bytes),
            "min.insync.replicas": str(self.min_insync),
            "message.timestamp.type": "LogAppendTime" if log_append else "CreateTime",
            "unclean.leader.election.enable": "false",
        }
        if self.retention_ms <= DAY_MS:  # else nothing is really deleted in a day
            settings["segment.ms"] = str(HOUR_MS)
        return settings


def commands_topic(service: str) -> str:
    """Where a service is asked for something; also the audience of a command token."""
    return f"mcp.{service}.commands"


def refusals_topic(service: str) -> str:
    """Where a service tells what it refused."""
    return f"mcp.{service}.refusals"


def retry_topic(service: str) -> str:
    """Where an operator puts a mended dead letter; private to the service."""
    return f"mcp.{service}.retry"


def dead_letters_topic(service: str) -> str:
    """Where a service parks what it cannot handle; private to the service."""
    return f"mcp.{service}.dead-letters"


def group_of(service: str, topic: str) -> str:
    """The consumer group of a service on one topic: groups rebalance one by one."""
    return f"{service}.{topic.removeprefix('mcp.')}"


def _of_service(service: str, *, asked_by: tuple[str, ...]) -> tuple[Topic, ...]:
    """The four topics that every service has."""
    own = (service,)
    return (
        Topic(
            name=commands_topic(service),
            carries=f"what is asked of {service}",
            owner=service,
            producers=asked_by,
            consumers=own,
            key="aggregate id",
            retention_ms=7 * DAY_MS,
            timestamps="broker",  # the expiry of a token is judged against it (ADR-0003)
        ),
        Topic(
            name=refusals_topic(service),
            carries=f"commands that {service} refused",
            owner=service,
            producers=own,
            consumers=("platform",),
            key="command key",
            retention_ms=7 * DAY_MS,
        ),
        Topic(
            name=retry_topic(service),
            carries="mended dead letters",
            owner=service,
            producers=own,
            consumers=own,
            key="as origin",
            retention_ms=30 * DAY_MS,
            private=True,
        ),
        Topic(
            name=dead_letters_topic(service),
            carries="records that could not be handled, whole, with the reason",
            owner=service,
            producers=own,
            consumers=own,
            key="as origin",
            retention_ms=30 * DAY_MS,
            max_message_bytes=DEAD_LETTER_BYTES,
            private=True,
        ),
    )


USER_LIFECYCLE = "mcp.user-lifecycle"
CREDENTIALS = "mcp.credentials"
MAIL_DELIVERIES = "mcp.mail-deliveries"
CONVENTIONS = "mcp.conventions"
ROLE_ASSIGNMENTS = "mcp.role-assignments"
DEMANDES = "mcp.demandes"
HEARTBEATS = "mcp.heartbeats"

_ALL = (
    *_of_service("identity", asked_by=("identity", "platform")),
    *_of_service("habilitation", asked_by=("habilitation", "platform")),
    *_of_service("notifications", asked_by=("notifications", "platform")),
    Topic(
        name=USER_LIFECYCLE,
        carries="the life of accounts: created, updated, closed, signed in, password changed",
        owner="identity",
        producers=("identity",),
        consumers=("habilitation", "notifications", "platform"),
        key="user id",
        retention_ms=YEAR_MS,
    ),
    Topic(
        name=CREDENTIALS,
        carries="identifiants and temporary passwords, sealed to notifications",
        owner="identity",
        producers=("identity",),
        consumers=("notifications",),
        key="user id",
        retention_ms=DAY_MS,
    ),
    Topic(
        name=MAIL_DELIVERIES,
        carries="what became of each mail: sent, deferred, held, failed, abandoned, expired",
        owner="notifications",
        producers=("notifications",),
        consumers=("platform",),
        key="mail id",
        retention_ms=YEAR_MS,
    ),
    Topic(
        name=CONVENTIONS,
        carries="conventions, their Caf pivot, their services, their administrateurs",
        owner="habilitation",
        producers=("habilitation",),
        consumers=("identity", "platform"),
        key="convention id",
        retention_ms=10 * YEAR_MS,
    ),
    Topic(
        name=ROLE_ASSIGNMENTS,
        carries="groups, their role, their responsables, who belongs to them",
        owner="habilitation",
        producers=("habilitation",),
        consumers=("identity", "notifications", "platform"),
        key="convention id",
        retention_ms=10 * YEAR_MS,
    ),
    Topic(
        name=DEMANDES,
        carries="what habilitation needs of others: accounts to make, a Caf to write to",
        owner="habilitation",
        producers=("habilitation",),
        consumers=("identity", "notifications"),
        key="convention id",
        retention_ms=7 * DAY_MS,  # names and addresses of people: not for ten years (ADR-0019)
    ),
    Topic(
        name=HEARTBEATS,
        carries="oldest pending row and release of each process",
        owner="platform",
        producers=("habilitation", "identity", "notifications"),
        consumers=("habilitation", "identity", "notifications", "platform"),
        key="process id",
        retention_ms=HOUR_MS,
    ),
)

TOPICS: dict[str, Topic] = {topic.name: topic for topic in _ALL}
"""The registry: what the create command makes, what the tests compare with the services."""
