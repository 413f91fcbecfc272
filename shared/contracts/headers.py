"""The headers of a record, as published: CloudEvents 1.0 in the Kafka binary binding, and ours.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
"""

from typing import Any

from shared.contracts.envelope import Command, Message, Refused

Json = dict[str, Any]

VISIBLE = "^[!-~]{1,128}$"
"""Ids: visible ASCII, 128 characters at most (ADR-0004)."""


def _text(description: str, **constraints: Any) -> Json:
    return {"type": "string", "description": description, **constraints}


_ENVELOPE = {
    "ce_specversion": _text("Version of CloudEvents.", const="1.0"),
    "ce_id": _text("Id of the message; a repeat has the same.", pattern=VISIBLE),
    "ce_source": _text("Who made it (URI reference).", minLength=1, maxLength=128),
}
_OPTIONAL = {
    "ce_time": _text("When it was made (RFC 3339).", format="date-time"),
    "ce_subject": _text("What it is about; of a fact, the aggregate that `ce_sequence` counts."),
    "content-type": _text("What the body is.", const="application/json"),
    "ce_correlationid": _text("Same for all that one request caused.", pattern=VISIBLE),
}
_CAUSE = _text("Id of the message that made it happen.", pattern=VISIBLE)
_SEQUENCE = _text(
    "Number of the event in its aggregate: it grows, and an aggregate that speaks on several "
    "topics skips some on each. Ignore what is not above the highest that you handled. Compare "
    "as numbers.",
    pattern="^[0-9]{1,15}$",
)
_AUTHORIZATION = _text(
    "`Bearer` and a command token: a JWT signed by identity (Ed25519) for this topic, valid five "
    "minutes. Never stored, never passed on.",
    pattern="^Bearer [!-~]+$",
)
_TRACE = _text("W3C trace context.", pattern="^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")


def headers_schema(model: type[Message]) -> Json:
    """What a record of this message carries beside its body.

    A command may leave out what the receiver can do without; what we publish is complete.
    """
    known = {**_ENVELOPE, "ce_type": _text("What it is.", const=model.TYPE)}
    required = [*known]
    if issubclass(model, Command):
        known |= {"authorization": _AUTHORIZATION} | _OPTIONAL
        required.append("authorization")
    else:
        known |= _OPTIONAL
        required += _OPTIONAL
        if not issubclass(model, Refused):  # no number: a refusal is no event of an aggregate
            known["ce_sequence"] = _SEQUENCE
            required.append("ce_sequence")
        known["ce_causationid"] = _CAUSE
    known["traceparent"] = _TRACE
    return {"type": "object", "properties": known, "required": required}
