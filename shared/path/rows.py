"""Facts, refusals and dead letters as rows of the outbox: CloudEvents 1.0, Kafka binary binding."""

from collections.abc import Mapping
from datetime import datetime

from shared.contracts.envelope import Fact, Refused
from shared.contracts.topics import EVENT_BYTES, dead_letters_topic
from shared.errors import Bug
from shared.ids import derive_id
from shared.path.work import Origin, Row


def source_of(service: str) -> str:
    """The CloudEvents source of a service (a URI reference)."""
    return f"/mcp/{service}"


def cloud_event(
    *,
    id: str,
    type: str,
    source: str,
    subject: str,
    at: str,
    correlation_id: str,
    cause: str | None,
) -> dict[str, str]:
    """The headers that make a record a CloudEvent."""
    headers = {
        "ce_specversion": "1.0",
        "ce_id": id,
        "ce_type": type,
        "ce_source": source,
        "ce_time": at,
        "ce_subject": subject,
        "content-type": "application/json",
        "ce_correlationid": correlation_id,
    }
    if cause is not None:
        headers["ce_causationid"] = cause
    return headers


def fact_row(
    fact: Fact,
    *,
    id: str,
    aggregate: str,
    seq: int,
    source: str,
    at: str,
    correlation_id: str,
    cause: str | None,
    traced: Mapping[str, str],
) -> Row:
    """A fact on its way out; too large a body is a bug of ours, told before anything is written."""
    value = fact.to_json()
    if len(value) > EVENT_BYTES:
        raise Bug("event_too_large")
    key = fact.key
    headers = cloud_event(
        id=id, type=fact.TYPE, source=source, subject=aggregate, at=at,
        correlation_id=correlation_id, cause=cause,
    )  # fmt: skip
    if not isinstance(fact, Refused):
        headers["ce_sequence"] = f"{seq:010}"  # orders as text too (CloudEvents sequence)
    headers.update(traced)
    return Row(id, aggregate, seq, fact.TOPIC, key, headers, value)


def dead_letter_row(origin: Origin, *, service: str, reason: str, release: str) -> Row:
    """A record that could not be handled, whole, with where it was and why.

    Its id is that of its origin, so that a repeated poll does not repeat it. A record with neither
    key nor body gets an empty body: the client sends none without both.
    """
    headers = {
        **origin.headers,
        "dl_topic": origin.topic,
        "dl_partition": str(origin.partition),
        "dl_offset": str(origin.offset),
        "dl_reason": reason,
        "dl_service": service,
        "dl_release": release,
    }
    topic = dead_letters_topic(service)
    value = b"" if origin.key is None and origin.value is None else origin.value
    return Row(f"dl/{origin.id}", f"dead-letters/{origin.id}", 0, topic, origin.key, headers, value)


def event_id(inbox_id: str, index: int) -> str:
    """The id of the n-th event of a message: the same at every attempt."""
    return derive_id(inbox_id, str(index))


def moment(at: datetime) -> str:
    """A date as CloudEvents writes it (RFC 3339)."""
    return at.isoformat(timespec="milliseconds")
