"""One record of every bad kind (G-04), and what must become of each."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from shared.contracts.identity_commands import ModifyUser
from shared.contracts.topics import EVENT_BYTES, RECORD_BYTES
from shared.security.tokens import TokenIssuer
from tests.faults.subject import AGENT
from tests.harness.topics import Headers, Outgoing

Change = Callable[[Outgoing], Outgoing]


@dataclass(frozen=True)
class BadKind:
    """A way to spoil a good record: what comes of it (dead, refused, done) and for which reason."""

    change: Change
    outcome: str
    code: str | None = None


def with_value(value: bytes | None) -> Change:
    """The record with another body."""
    return lambda record: replace(record, value=value)


def with_fields(**fields: Any) -> Change:
    """The record with other fields in its body."""
    return lambda record: replace(
        record, value=json.dumps({**json.loads(record.value or b"{}"), **fields}).encode()
    )


def with_text(old: bytes, new: bytes) -> Change:
    """The record with one piece of its body replaced."""
    return lambda record: replace(record, value=(record.value or b"").replace(old, new, 1))


def with_header(name: str, value: bytes | None) -> Change:
    """The record with one header set, in its place or at the end."""

    def change(record: Outgoing) -> Outgoing:
        headers = {**dict(record.headers), name: value}
        return replace(record, headers=tuple(headers.items()))  # type: ignore[arg-type] # a null value is the point

    return change


def without_header(name: str) -> Change:
    """The record without one header."""
    return lambda record: replace(
        record, headers=tuple(header for header in record.headers if header[0] != name)
    )


def with_headers(*more: tuple[str, bytes]) -> Change:
    """The record with further headers, whatever it has."""
    return lambda record: replace(record, headers=(*record.headers, *more))


def all_of(*changes: Change) -> Change:
    """One change after the other."""

    def change(record: Outgoing) -> Outgoing:
        for each in changes:
            record = each(record)
        return record

    return change


def as_large_as_can_be(record: Outgoing) -> Outgoing:
    """The record with the largest body that its topic allows: a batch of `max.message.bytes`."""
    empty = _batch_bytes(replace(record, value=b""))
    body = b"x" * (RECORD_BYTES - empty)
    surplus = _batch_bytes(replace(record, value=body)) - RECORD_BYTES  # longer lengths
    return replace(record, value=body[surplus:])


def _batch_bytes(record: Outgoing) -> int:
    builder = _DefaultRecordBatchBuilderPy(
        2, 0, False, -1, -1, -1, 2 * RECORD_BYTES
    )  # magic, no compression, no transaction, no producer
    builder.append(0, 0, record.key, record.value, list(record.headers))
    return len(builder.build())


def forged(issuer: TokenIssuer, **options: Any) -> Change:
    """The record with a token that is not what it should be."""
    given = {"audience": "mcp.identity.commands", "now": datetime.now(UTC), **options}
    return with_header("authorization", f"Bearer {issuer.issue(AGENT, **given)}".encode())


def _nested_token() -> bytes:
    header = base64.urlsafe_b64encode(b"[" * 3_000).rstrip(b"=")
    return b"Bearer " + header + b".e30.e30"


def kinds(stranger: TokenIssuer, issuer: TokenIssuer, *, reply_to: str) -> dict[str, BadKind]:
    """Every kind, by name. `stranger` signs with a key of its own."""
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    type_of_next = ModifyUser.TYPE.removesuffix("1").encode() + b"2"
    dead = {
        "cut JSON": (with_text(b"}", b""), "json_invalid"),
        "JSON of a wrong type": (with_value(b'["a"]'), "contract_broken"),
        "missing field": (with_text(b'"user_id"', b'"other_id"'), "contract_broken"),
        "unknown version": (with_header("ce_type", type_of_next), "version_unknown"),
        "unknown command": (with_header("ce_type", b"mcp.identity.fly.v1"), "type_unknown"),
        "header not UTF-8": (with_header("ce_subject", b"\xff\xfe"), "headers_invalid"),
        "null header": (with_header("ce_subject", None), "headers_invalid"),
        "header twice": (with_headers(("ce_id", b"other")), "headers_invalid"),
        "1 000 headers": (
            with_headers(*((f"h{number}", b"") for number in range(1_000))),
            "headers_too_large",
        ),
        "header of 64 KiB": (with_headers(("long", b"x" * 65_536)), "headers_too_large"),
        "odd header names": (
            all_of(
                without_header("ce_id"),
                with_headers(("nu\x00l", b"1"), ("$set", b"2"), ("a.b", b"3"), ("", b"4")),
            ),
            "envelope_incomplete",
        ),
        "null value": (with_value(None), "body_empty"),
        "empty value": (with_value(b""), "body_empty"),
        "nested 10 000 deep": (with_value(b"[" * 10_000 + b"]" * 10_000), "json_invalid"),
        "nested 40 deep": (with_fields(extra=json.loads("[" * 40 + "]" * 40)), "json_too_deep"),
        "key twice": (with_text(b"{", b'{"user_id":"other",'), "json_invalid"),
        "NaN": (with_text(b"{", b'{"extra":NaN,'), "json_invalid"),
        "400-digit integer": (with_text(b"{", b'{"extra":' + b"9" * 400 + b","), "json_invalid"),
        "NUL in a string": (with_fields(nom="a\x00b"), "json_invalid"),
        "lone surrogate": (with_text(b"{", rb'{"nom":"\ud800",'), None),
        "no ce_id": (without_header("ce_id"), "envelope_incomplete"),
        "ce_id of 200 characters": (with_header("ce_id", b"x" * 200), "envelope_invalid"),
        "body of 256 KiB and more": (with_fields(extra="x" * EVENT_BYTES), "body_too_large"),
        "as large as can be": (as_large_as_can_be, "body_too_large"),
    }
    refused = {
        "token missing": (without_header("authorization"), "jeton_absent"),
        "token forged": (forged(stranger), "jeton_invalide"),
        "token expired": (forged(issuer, now=an_hour_ago), "jeton_expire"),
        "token for another": (
            forged(issuer, audience="mcp.afas.commands"),
            "jeton_autre_destinataire",
        ),
        "token nested": (with_header("authorization", _nested_token()), "jeton_invalide"),
        "own proof that is none": (
            with_header("authorization", "MCP-Own service:identity:é".encode()),
            "jeton_invalide",
        ),
    }
    accepted = {
        "unknown field": with_fields(extra="x"),
        "forged reply_to": with_headers(("reply_to", reply_to.encode())),
        "key that is not UTF-8": lambda record: replace(record, key=b"\xff\xfe"),
        "no key": lambda record: replace(record, key=None),
    }
    return {
        **{name: BadKind(change, "dead", reason) for name, (change, reason) in dead.items()},
        **{name: BadKind(change, "refused", code) for name, (change, code) in refused.items()},
        **{name: BadKind(change, "done") for name, change in accepted.items()},
    }


class OddName(str):
    """The name of a header whose bytes are no UTF-8: any sender can write one."""

    __slots__ = ()

    def encode(self, *_: object) -> bytes:
        """Not UTF-8."""
        return b"odd\xff\xfe"


def odd_batch(headers: Headers, key: bytes, value: bytes) -> _DefaultRecordBatchBuilderPy:
    """The builder of a batch of one record with an odd header name."""
    builder = _DefaultRecordBatchBuilderPy(2, 0, False, -1, -1, -1, RECORD_BYTES)
    builder.append(0, 0, key, value, [*headers, (OddName("odd"), b"x")])
    return builder
