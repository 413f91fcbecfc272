"""A raw record made safe: clean headers, an envelope, a body that cannot hurt the parser."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError

from shared.contracts.envelope import Message
from shared.contracts.topics import EVENT_BYTES, RECORD_BYTES
from shared.errors import InvalidMessage

M = TypeVar("M", bound=Message)

MOST_HEADERS = 20
HEADERS_BYTES = 8 * 1024
"""Limits of the headers of one record (ADR-0004)."""
DEEPEST = 32
"""Deepest nesting of a body (ADR-0004)."""
LONGEST_SOURCE = 128
LONGEST_KEY = 256
"""Bytes of a key that a dead letter keeps (assumed): ours have 64 at most."""
LONGEST_INTEGER = 20
"""Digits of the numbers taken in (assumed): all fit a signed 64-bit integer or are refused."""
TOKEN = "authorization"  # noqa: S105 - the name of the header
_TYPE = re.compile(r"mcp\.[a-z-]+\.[a-z_]+\.v[0-9]{1,3}")
_ID = re.compile(r"[\x21-\x7e]{1,128}")
_SEQUENCE = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the CloudEvents headers of a record say."""

    id: str
    type: str
    source: str
    subject: str | None
    correlation_id: str
    sequence: int | None
    headers: Mapping[str, str]


RawHeaders = tuple[tuple[str, bytes | None], ...]


def decode_headers(raw: RawHeaders) -> dict[str, str]:
    """The headers as text. Raises `InvalidMessage` if odd, repeated, too many, too long."""
    size = 0
    headers: dict[str, str] = {}
    try:
        for name, value in raw:
            if value is None or name in headers:
                raise InvalidMessage("headers_invalid")
            size += len(name) + len(value)
            headers[name] = value.decode()
    except UnicodeDecodeError as error:
        raise InvalidMessage("headers_invalid") from error
    if len(headers) > MOST_HEADERS or size > HEADERS_BYTES:
        raise InvalidMessage("headers_too_large")
    return headers


def keep_headers(raw: RawHeaders, *, ours: bool) -> dict[str, str]:
    """Headers as a dead letter keeps them: no token, odd ones as base64, not beyond the limits.

    Ours (`dl_`, `mcp_`) are kept only from a topic that nobody else writes to.
    """
    kept: dict[str, str] = {}
    size = 0
    for name, value in raw:
        if (
            name.lower() == TOKEN
            or name.startswith("dl_")
            or (name.startswith("mcp_") and not ours)
        ):
            continue
        size += len(name) + len(value or b"")
        if len(kept) >= MOST_HEADERS or size > HEADERS_BYTES:
            kept["dl_headers_cut"] = "true"
            break
        _keep(kept, name, value)
    return kept


def keep_body(value: bytes | None, headers: dict[str, str]) -> bytes | None:
    """A body as a dead letter keeps it: whole, unless compression hid more than a topic allows.

    Then `headers` tell its length.
    """
    if value is None or len(value) <= RECORD_BYTES:
        return value
    headers["dl_body_cut"] = str(len(value))
    return b""


def keep_key(key: bytes | None) -> str | None:
    """A key as a dead letter keeps it: text, and not a long one."""
    return None if key is None else key[:LONGEST_KEY].decode(errors="replace")


def _keep(kept: dict[str, str], name: str, value: bytes | None) -> None:
    try:
        text = (value or b"").decode()
        odd = value is None or name in kept
    except UnicodeDecodeError:
        odd = True
    if odd or "\x00" in name:  # the store takes no NUL in a name
        name = name.replace("\x00", "\ufffd")
        kept[f"dl_b64_{len(kept)}_{name}"] = base64.b64encode(value or b"").decode()
    else:
        kept[name] = text


def read_envelope(headers: Mapping[str, str]) -> Envelope:
    """The CloudEvents envelope of a record. Raises `InvalidMessage` when it is not one."""
    id, type, source = headers.get("ce_id"), headers.get("ce_type"), headers.get("ce_source")
    if headers.get("ce_specversion") != "1.0" or not id or not type or not source:
        raise InvalidMessage("envelope_incomplete")
    if not _ID.fullmatch(id) or not _TYPE.fullmatch(type) or len(source) > LONGEST_SOURCE:
        raise InvalidMessage("envelope_invalid")
    sequence = headers.get("ce_sequence")
    if sequence is not None and not _SEQUENCE.fullmatch(sequence):
        raise InvalidMessage("envelope_invalid")
    correlation = headers.get("ce_correlationid") or id
    if not _ID.fullmatch(correlation):
        raise InvalidMessage("envelope_invalid")
    subject = headers.get("ce_subject") or None
    if subject is not None and len(subject) > LONGEST_SOURCE:
        raise InvalidMessage("envelope_invalid")
    number = None if sequence is None else int(sequence)
    return Envelope(id, type, source, subject, correlation, number, headers)


def read_body(value: bytes | None, model: type[M]) -> M:
    """The body of a record as its contract. Raises `InvalidMessage` with a stable reason."""
    if not value:
        raise InvalidMessage("body_empty")
    if len(value) > EVENT_BYTES:
        raise InvalidMessage("body_too_large")
    guard_json(value)
    try:
        return model.model_validate_json(value)
    except ValidationError as error:
        raise InvalidMessage("contract_broken") from error


def guard_json(value: bytes) -> None:
    """Refuse JSON that parsers disagree on: repeated keys, NaN, huge numbers, NUL, deep nesting."""
    try:
        document = _DECODER.decode(value.decode())
    except (ValueError, RecursionError) as error:
        raise InvalidMessage("json_invalid") from error
    if value.count(b"{") + value.count(b"[") > DEEPEST and _depth(document) > DEEPEST:
        raise InvalidMessage("json_too_deep")
    if b"\\u0000" in value and _holds_nul(document):
        raise InvalidMessage("json_invalid")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("repeated key")
    return document


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _small_int(digits: str) -> int:
    if len(digits) > LONGEST_INTEGER:
        raise ValueError("huge integer")
    return int(digits)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_constant=_no_constant, parse_int=_small_int
)


def _depth(document: Any) -> int:
    deepest, level = 0, [document]
    while level:
        deepest += 1
        level = [child for node in level for child in _children(node)]
    return deepest


def _children(node: Any) -> list[Any]:
    if isinstance(node, dict):
        return list(node.values())
    return node if isinstance(node, list) else []


def _holds_nul(document: Any) -> bool:
    level = [document]
    while level:
        if any(isinstance(node, str) and "\x00" in node for node in level):
            return True
        if any("\x00" in name for node in level if isinstance(node, dict) for name in node):
            return True
        level = [child for node in level for child in _children(node)]
    return False
