"""The names of what can be wrong.

Those of Jepsen's Kafka workload (https://jepsen.io/analyses/bufstream-0.1.0), and NServiceBus's for
state without event (zombie) and event without state (ghost).
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from tests.faults.evidence import Asked
from tests.harness.topics import Record


class Kind(StrEnum):
    """What can be wrong."""

    LOST_WRITE = "lost write"
    """A command was accepted and nothing remembers it, or its effect is not what it asked."""
    LOST_FACT = "lost fact"
    """An effect was remembered and its event is nowhere."""
    DUPLICATE_EFFECT = "duplicate effect"
    """A command was done more than once: more events than one effect tells."""
    GHOST_EVENT = "ghost event"
    """An event that no command asked for, or that no stored state knows."""
    GHOST_EFFECT = "ghost effect"
    """The inbox remembers a command that nobody sent."""
    ZOMBIE_STATE = "zombie state"
    """A stored state that no event told."""
    SKIPPED = "skipped"
    """A number is missing among the events of an aggregate."""
    FORKED = "forked"
    """Two events of an aggregate with the same number."""
    NON_MONOTONIC = "non-monotonic"
    """An event first appears after a later one of its aggregate."""
    TORN_DUPLICATE = "torn duplicate"
    """Two records with one id and different bytes, or in different partitions."""
    WRONG_OUTCOME = "wrong outcome"
    """Refused, parked or done where something else was due."""
    UNEXPECTED_DEAD_LETTER = "unexpected dead letter"
    PENDING = "pending row"
    LAG = "lag"


class Anomaly(NamedTuple):
    """One thing that is wrong, and where."""

    kind: Kind
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.where}: {self.what}"


class Event(NamedTuple):
    """One event and every record that carries it, in order of their partitions."""

    id: str
    type: str
    cause: str
    aggregate: str
    sequence: int
    copies: list[Record]


class Line(NamedTuple):
    """One line of the table: a command, what the inbox says of it, the events that it caused."""

    asked: Asked
    status: str | None
    events: list[Event]


def torn(id: str, copies: Sequence[Record]) -> Iterator[Anomaly]:
    """Duplicates have equal bytes, in the same partition."""
    if len({_bytes(record) for record in copies}) > 1:
        yield Anomaly(Kind.TORN_DUPLICATE, id, f"{len(copies)} records differ")


def _bytes(record: Record) -> tuple[object, ...]:
    return record.topic, record.partition, record.key, record.headers, record.value
