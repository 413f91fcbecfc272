"""What waits for the committer: a message to decide, one refused at the door, one to park."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from shared.errors import Refusal
from shared.path.decision import Key, Request, UseCase

Status = Literal["done", "refused", "dead", "known", "outdated", "behind"]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the outbox: a record to publish, the aggregate it belongs to, its number there."""

    id: str
    aggregate: str
    seq: int
    topic: str
    key: str | None
    headers: Mapping[str, str]
    value: bytes | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one message.

    `asked` is kept of an HTTP request: its actor, its route, the proof of its body.
    `outdated` is not the end of it: it is to be prepared again; `behind`, to be decided after one
    that is.
    """

    status: Status
    refusal: Mapping[str, Any] | None = None
    result: Mapping[str, str] = field(default_factory=dict)
    asked: Mapping[str, str] | None = None
    first: bool = True

    @property
    def is_final(self) -> bool:
        """Whether the message was decided."""
        return self.status not in {"outdated", "behind"}


@dataclass(slots=True, eq=False)
class Ask:
    """A message to decide.

    `mark` is set for reactions: the (purpose, source, aggregate) and number of the fact, of which
    the highest already handled is remembered for ever (ADR-0003).
    `origin` tells the record that it came in, if it came in one; `traced` are headers that its
    events carry on; `asked` is kept of an HTTP request; `named` are its keys, once named.
    """

    inbox_id: str
    use_case: UseCase[Any, Any]
    request: Request[Any, Any]
    type: str
    key: str
    origin: "Callable[[], Origin] | None" = None
    mark: "Mark | None" = None
    asked: Mapping[str, str] | None = None
    is_fact: bool = False
    traced: Mapping[str, str] = field(default_factory=dict)
    named: tuple[Key[Any], ...] = ()

    @property
    def is_slow(self) -> bool:
        """Whether something is to be prepared before it is decided."""
        return self.use_case.prepare is not None and self.use_case.is_slow(self.request.message)


@dataclass(slots=True, eq=False)
class Refuse:
    """A command refused at the door: its actor is not who it should be."""

    inbox_id: str
    refusal: Refusal
    command_id: str
    type: str
    key: str
    correlation_id: str
    at: datetime
    asked: Mapping[str, str] | None = None
    traced: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Park:
    """A record that nobody can handle: it goes to the dead letters, whole, with its reason."""

    origin: "Origin"
    reason: str


@dataclass(slots=True, eq=False)
class Repeat:
    """A message already known, of which the slow part is not done again."""

    inbox_id: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a reaction is in the facts of one aggregate."""

    id: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Origin:
    """The record that a message came in, as a dead letter keeps it (token dropped)."""

    topic: str
    partition: int
    offset: int
    key: str | None
    headers: Mapping[str, str]
    value: bytes | None

    @property
    def id(self) -> str:
        """Names the record for ever: topic/partition/offset."""
        return f"{self.topic}/{self.partition}/{self.offset}"


Work = Ask | Refuse | Park | Repeat


def lane_of(work: Work) -> str | None:
    """What is decided in the order in which it was sent: the messages of a key.

    A request of HTTP is in no lane: who wants an order waits for his answer.
    """
    return work.key if isinstance(work, Ask) and work.origin is not None else None
