"""What a record becomes at the door: a message to decide, a refusal, a dead letter, or nothing."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from shared.clock import Clock
from shared.contracts.envelope import Message, Snapshot
from shared.errors import InvalidMessage, Refusal
from shared.ids import derive_id
from shared.kafka.broker import TRACE_HEADER, Record
from shared.kafka.records import (
    TOKEN,
    Envelope,
    decode_headers,
    keep_body,
    keep_headers,
    keep_key,
    read_body,
    read_envelope,
)
from shared.path.decision import Request, UseCase
from shared.path.work import Ask, Mark, Origin, Park, Refuse, Work
from shared.security.macs import Macs
from shared.security.principal import Principal, service_principal
from shared.security.tokens import TokenInvalid, TokenVerifier

OWN = "MCP-Own "
"""Scheme of the `authorization` of what a service asks itself (its schedule): a proof that only
it can make, for one message id, type and body."""
PRINCIPAL = "mcp_principal"
REPLAY_OF = "mcp_replay_of"
_TRACE = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
"""What a `traceparent` is (W3C Trace Context §3.2.2): another is not passed on."""
_OUR_ID = re.compile(r"[0-9a-f]{32}")
LOG_APPEND_TIME = 1
"""Kafka's timestamp type of a topic whose broker stamps the records."""

Table = Mapping[str, UseCase[Any, Any]]


def table_of(use_cases: Sequence[UseCase[Any, Any]]) -> Table:
    """The table of contents of a topic: message type → use case."""
    return {use_case.message.TYPE: use_case for use_case in use_cases}


@dataclass(frozen=True, kw_only=True)
class _Intake:
    """What all doors of a service share. `topic` is the registered name, without prefix."""

    topic: str
    service: str
    clock: Clock
    macs: Macs
    table: Mapping[str, Any]
    _bases: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        bases = frozenset(_base(type) for type in self.table)
        object.__setattr__(self, "_bases", bases)

    def _refuse_other_version(self, type: str) -> None:
        """A type that this service follows, in a version that it does not: never ignored."""
        if type not in self.table and _base(type) in self._bases:
            raise InvalidMessage("version_unknown")

    def origin_of(self, record: Record, principal: tuple[Principal, str] | None = None) -> Origin:
        """The record as a dead letter keeps it: no token, but who was verified to send it."""
        ours = self._is_private(record)
        headers = keep_headers(record.headers, ours=ours)
        if principal is not None:
            headers[PRINCIPAL] = self.macs.seal_principal(*principal)
        key = keep_key(record.key)
        topic = f"mcp.{self.service}.retry" if ours else self.topic
        value = keep_body(record.value, headers)
        return Origin(topic, record.partition, record.offset, key, headers, value)

    def _is_private(self, record: Record) -> bool:
        return record.topic.endswith(f"mcp.{self.service}.retry")


def _base(type: str) -> str:
    return type.rpartition(".v")[0]


def _traced(headers: Mapping[str, str]) -> dict[str, str]:
    parent = headers.get(TRACE_HEADER, "")
    return {TRACE_HEADER: parent} if _TRACE.fullmatch(parent) else {}


@dataclass(frozen=True, kw_only=True)
class CommandIntake(_Intake):
    """The door for commands: each comes with a token for this very topic."""

    verifier: TokenVerifier

    def examine(self, record: Record, *, replayed: bool = False) -> Work | None:
        """What to do with one record; never raises for what a sender wrote."""
        principal: Principal | None = None
        envelope: Envelope | None = None
        try:
            headers = decode_headers(record.headers)
            envelope = read_envelope(headers)
            try:
                principal = self._actor(record, envelope, replayed=replayed)
            except Refusal as refusal:
                return self._refuse(record, envelope, refusal)
            self._refuse_other_version(envelope.type)
            use_case = self.table.get(envelope.type)
            if use_case is None:
                raise InvalidMessage("type_unknown")
            message = read_body(record.value, use_case.message)
        except InvalidMessage as invalid:
            verified = None if principal is None or envelope is None else (principal, envelope.id)
            return Park(self.origin_of(record, verified), invalid.reason)
        return self._ask(record, envelope, principal, use_case, message)

    def _actor(self, record: Record, envelope: Envelope, *, replayed: bool) -> Principal:
        if replayed:
            sealed = envelope.headers.get(PRINCIPAL, "")
            principal = self.macs.open_principal(sealed, envelope.id)
            if principal is None:
                raise InvalidMessage("replay_without_principal")
            return principal
        authorization = envelope.headers.get(TOKEN)
        if authorization and authorization.startswith(OWN):
            proof, body = authorization.removeprefix(OWN), record.value or b""
            if not self.macs.is_own(proof, envelope.id, envelope.type, body):
                raise TokenInvalid
            return service_principal(self.service)
        return self.verifier.verify(authorization, audience=self.topic, at=self._judged_at(record))

    def _judged_at(self, record: Record) -> datetime:
        """When the broker took the record, if it says so; a queue's delay is not an expiry."""
        if record.timestamp_type == LOG_APPEND_TIME:
            return datetime.fromtimestamp(record.timestamp / 1000, UTC) + self.clock.offset
        return self.clock.now()

    def _ask(
        self,
        record: Record,
        envelope: Envelope,
        principal: Principal,
        use_case: UseCase[Any, Any],
        message: Any,
    ) -> Ask:
        return Ask(
            inbox_id=command_inbox_id(self.service, principal, envelope.id),
            use_case=use_case,
            request=Request(
                message, principal, self.clock.now(), envelope.id, envelope.correlation_id, None
            ),
            type=envelope.type,
            key=message.key,
            origin=lambda: self.origin_of(record, (principal, envelope.id)),
            traced=_traced(envelope.headers),
        )

    def _refuse(self, record: Record, envelope: Envelope, refusal: Refusal) -> Refuse:
        """Nobody is verified, so nobody's message id is used up: the record's place names it."""
        place = f"{record.partition}/{record.offset}"
        return Refuse(
            inbox_id=derive_id("unverified", self.topic, place),
            refusal=refusal,
            command_id=envelope.id,
            type=envelope.type,
            key=_safe_key(record),
            correlation_id=envelope.correlation_id,
            at=self.clock.now(),
            traced=_traced(envelope.headers),
        )


@dataclass(frozen=True, kw_only=True)
class ReactionIntake(_Intake):
    """The door for facts that make this service act, as itself; each acts once, for ever."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if any(issubclass(use_case.message, Snapshot) for use_case in self.table.values()):
            raise TypeError("a snapshot triggers nothing")

    def examine(self, record: Record, *, replayed: bool = False) -> Work | None:
        """What to do with one fact; None for those that this service does not follow.

        A replayed one may come after later facts of its aggregate: it is not held against them.
        """
        try:
            envelope = read_envelope(decode_headers(record.headers))
            use_case = self.table.get(envelope.type)
            if use_case is None:
                self._refuse_other_version(envelope.type)
                return None
            mark = self._mark(envelope)
            message = read_body(record.value, use_case.message)
        except InvalidMessage as invalid:
            return Park(self.origin_of(record), invalid.reason)
        return Ask(
            inbox_id=derive_id(self.topic, envelope.source, envelope.id),
            use_case=use_case,
            request=Request(
                message,
                service_principal(self.service),
                self.clock.now(),
                envelope.id,
                envelope.correlation_id,
                None,
            ),
            type=envelope.type,
            key=message.key,
            origin=lambda: self.origin_of(record),
            mark=None if replayed else mark,
            is_fact=True,
            traced=_traced(envelope.headers),
        )

    def _mark(self, envelope: Envelope) -> Mark:
        """Where the fact is in its aggregate: several aggregates may share one Kafka key."""
        if envelope.sequence is None or envelope.subject is None:
            raise InvalidMessage("sequence_missing")
        return Mark(f"{self.topic}|{envelope.source}|{envelope.subject}", envelope.sequence)


@dataclass(frozen=True, slots=True)
class Projected:
    """A fact to project, its number in its aggregate, and the record that it came in."""

    fact: Message
    sequence: int
    origin: Callable[[], Origin]


@dataclass(frozen=True, kw_only=True)
class ProjectionIntake(_Intake):
    """The door for facts that a service keeps a copy of; `table` maps types to their models."""

    def examine(self, record: Record) -> Projected | Park | None:
        """The fact of one record, a dead letter, or None for a type that is not followed."""
        try:
            envelope = read_envelope(decode_headers(record.headers))
            model = self.table.get(envelope.type)
            if model is None:
                self._refuse_other_version(envelope.type)
                return None
            if envelope.sequence is None:
                raise InvalidMessage("sequence_missing")
            fact = read_body(record.value, model)
            return Projected(fact, envelope.sequence, lambda: self.origin_of(record))
        except InvalidMessage as invalid:
            return Park(self.origin_of(record), invalid.reason)


def command_inbox_id(service: str, principal: Principal, message_id: str) -> str:
    """The id under which a command is remembered: nobody can use up another's message id."""
    return derive_id(f"{service}.commands", principal.kind, principal.id, message_id)


def _safe_key(record: Record) -> str:
    """The key of a record that nobody vouches for, if it is plainly one of our ids."""
    key = (record.key or b"").decode("ascii", errors="replace")
    return key if _OUR_ID.fullmatch(key) else "unknown"
