"""A raw record made safe: what is accepted, what is refused and why, what a dead letter keeps."""

import base64
import json
from typing import Any

import pytest

from shared.contracts.topics import EVENT_BYTES, RECORD_BYTES
from shared.errors import InvalidMessage
from shared.kafka.records import (
    DEEPEST,
    HEADERS_BYTES,
    MOST_HEADERS,
    decode_headers,
    guard_json,
    keep_body,
    keep_headers,
    read_body,
    read_envelope,
)
from tests.shared.kafka.record import Headers
from tests.shared.tiny import AddToCounter, CounterMoved

ENVELOPE = {
    "ce_specversion": "1.0",
    "ce_id": "m1",
    "ce_type": "mcp.tiny.add_to_counter.v1",
    "ce_source": "/caf/portail",
}
BODY: dict[str, Any] = {"counter_id": "c1", "amount": 2}


def reason(function: Any, *arguments: Any) -> str:
    with pytest.raises(InvalidMessage) as caught:
        function(*arguments)
    return caught.value.reason


# -- headers --------------------------------------------------------------------------------------


def test_headers_are_text():
    assert decode_headers((("ce_id", b"m1"), ("x", "é".encode()))) == {"ce_id": "m1", "x": "é"}


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ((("x", b"\xff"),), "headers_invalid"),
        ((("x", None),), "headers_invalid"),
        ((("ce_id", b"a"), ("ce_id", b"b")), "headers_invalid"),
        (tuple((f"h{n}", b"") for n in range(MOST_HEADERS + 1)), "headers_too_large"),
        (tuple((f"h{n}", b"") for n in range(1_000)), "headers_too_large"),
        ((("x", b"a" * HEADERS_BYTES),), "headers_too_large"),
        ((("x", b"a" * 1_048_576),), "headers_too_large"),
    ],
    ids=["not utf-8", "null", "repeated", "21", "1000", "8 KiB", "1 MiB"],
)
def test_odd_headers_are_refused(headers: Headers, why: str):
    assert reason(decode_headers, headers) == why


def test_a_dead_letter_keeps_odd_headers_in_base64_and_no_token():
    raw: Headers = (
        ("ce_id", b"m1"),
        ("Authorization", b"Bearer secret"),
        ("odd", b"\xff\xfe"),
        ("null", None),
        ("ce_id", b"again"),
    )
    assert keep_headers(raw, ours=False) == {
        "ce_id": "m1",
        "dl_b64_1_odd": base64.b64encode(b"\xff\xfe").decode(),
        "dl_b64_2_null": "",
        "dl_b64_3_ce_id": base64.b64encode(b"again").decode(),
    }


def test_a_dead_letter_takes_no_header_of_ours_from_a_sender():
    raw: Headers = (("dl_reason", b"x"), ("mcp_principal", b"agent_caf:a:proof"), ("x", b"1"))
    assert keep_headers(raw, ours=False) == {"x": "1"}
    assert keep_headers(raw, ours=True) == {"mcp_principal": "agent_caf:a:proof", "x": "1"}


def test_a_dead_letter_keeps_headers_up_to_the_limits():
    kept = keep_headers(tuple((f"h{n}", b"1") for n in range(1_000)), ours=False)
    assert len(kept) == MOST_HEADERS + 1
    assert kept["dl_headers_cut"] == "true"
    assert keep_headers((("x", b"a" * 1_048_576),), ours=False) == {"dl_headers_cut": "true"}


def test_a_dead_letter_can_be_stored_whatever_the_names_of_its_headers():
    (name,) = keep_headers((("a\x00b", b"1"),), ours=False)
    assert "\x00" not in name


def test_a_dead_letter_keeps_the_largest_record_whole_and_no_bomb():
    headers: dict[str, str] = {}
    whole = b"x" * RECORD_BYTES
    assert keep_body(whole, headers) is whole
    assert keep_body(None, headers) is None
    assert headers == {}
    assert keep_body(whole + b"x", headers) == b""
    assert headers == {"dl_body_cut": str(RECORD_BYTES + 1)}


# -- envelope -------------------------------------------------------------------------------------


def test_an_envelope_is_read():
    envelope = read_envelope({**ENVELOPE, "ce_sequence": "0000000012", "ce_correlationid": "x"})
    assert (envelope.id, envelope.type) == ("m1", "mcp.tiny.add_to_counter.v1")
    assert (envelope.sequence, envelope.correlation_id) == (12, "x")
    bare = read_envelope(ENVELOPE)
    assert (bare.sequence, bare.correlation_id) == (None, "m1")


@pytest.mark.parametrize("name", sorted(ENVELOPE))
def test_an_envelope_without_one_of_its_four_headers_is_refused(name: str):
    without = {key: value for key, value in ENVELOPE.items() if key != name}
    assert reason(read_envelope, without) == "envelope_incomplete"
    assert reason(read_envelope, {**ENVELOPE, name: ""}) == "envelope_incomplete"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ce_id", "a b"),
        ("ce_id", "é"),
        ("ce_id", "a\n"),
        ("ce_id", "a" * 129),
        ("ce_type", "com.example.other"),
        ("ce_type", "mcp.tiny.add_to_counter.v1\n"),
        ("ce_source", "/" * 129),
        ("ce_sequence", ""),
        ("ce_sequence", "-1"),
        ("ce_sequence", "1.5"),
        ("ce_sequence", "٣"),
        ("ce_sequence", "²"),
        ("ce_sequence", "1" * 16),
        ("ce_correlationid", "a b"),
    ],
)
def test_an_odd_envelope_is_refused(name: str, value: str):
    assert reason(read_envelope, {**ENVELOPE, name: value}) == "envelope_invalid"


# -- body -----------------------------------------------------------------------------------------


def test_a_body_is_read_and_what_is_unknown_in_it_ignored():
    body = json.dumps({**BODY, "unknown": [1, {"x": None}], "réel": 1.5}).encode()
    assert read_body(body, AddToCounter) == AddToCounter(counter_id="c1", amount=2)


NESTED = b"[" * 10_000 + b"]" * 10_000
HUGE = b"9" * 400


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (None, "body_empty"),
        (b"", "body_empty"),
        (b'{"counter_id": "c1", "amo', "json_invalid"),
        (b"\xff\xfe", "json_invalid"),
        (b'"text"', "contract_broken"),
        (b"[]", "contract_broken"),
        (b"null", "contract_broken"),
        (b'{"counter_id": "c1"}', "contract_broken"),
        (b'{"counter_id": "c1", "amount": "2"}', "contract_broken"),
        (b'{"counter_id": "c1", "amount": 2.0}', "contract_broken"),
        (b'{"counter_id": "c1", "amount": true}', "contract_broken"),
        (b'{"counter_id": "../x", "amount": 2}', "contract_broken"),
        (b'{"counter_id": {"$ne": null}, "amount": 2}', "contract_broken"),
        (b'{"counter_id": "c1", "amount": 2, "amount": 3}', "json_invalid"),
        (b'{"counter_id": "c1", "amount": 2, "x": {"y": 1, "y": 1}}', "json_invalid"),
        (b'{"counter_id": "c1", "amount": NaN}', "json_invalid"),
        (b'{"counter_id": "c1", "amount": 2, "x": Infinity}', "json_invalid"),
        (b'{"counter_id": "c1", "amount": 2, "x": -Infinity}', "json_invalid"),
        (b'{"counter_id": "c1", "amount": 2, "x": ' + HUGE + b"}", "json_invalid"),
        (b'{"counter_id": "c1", "amount": ' + HUGE + b"}", "json_invalid"),
        (b'{"counter_id": "c1", "amount": 2, "x": ' + NESTED + b"}", "json_invalid"),
        (b'{"counter_id": "c\\u0000", "amount": 2}', "json_invalid"),
        (b'{"counter_id": "c1", "amount": 2, "\\u0000": 1}', "json_invalid"),
        (b'{"counter_id": "c1", "amount": 2, "x": "\\ud800"}', "contract_broken"),
        (b'{"counter_id": "\\ud800", "amount": 2}', "contract_broken"),
        ('{"counter_id": "c1", "amount": 2}'.encode("utf-16"), "json_invalid"),
        (b'{"x": "' + b"a" * EVENT_BYTES + b'"}', "body_too_large"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_bad_body_is_refused_with_a_stable_reason(value: bytes | None, why: str):
    assert reason(read_body, value, AddToCounter) == why


def test_nesting_is_limited_and_what_looks_nested_in_a_text_is_not():
    def nested(depth: int) -> bytes:
        return b'{"a":' * depth + b"[]" + b"}" * depth

    guard_json(nested(DEEPEST - 1))
    assert reason(guard_json, nested(DEEPEST)) == "json_too_deep"
    guard_json(json.dumps({"text": "[{" * 1_000}).encode())
    guard_json(json.dumps([[] for _ in range(1_000)]).encode())


def test_the_escaped_text_of_a_nul_is_no_nul():
    guard_json(rb'{"text": "\\u0000"}')


def test_a_body_of_the_largest_size_is_read():
    frame = len(b'{"counter_id":"c1","total":1,"x":""}')
    body = b'{"counter_id":"c1","total":1,"x":"' + b"a" * (EVENT_BYTES - frame) + b'"}'
    assert len(body) == EVENT_BYTES
    assert read_body(body, CounterMoved).total == 1


def test_a_refused_value_is_not_in_the_error():
    with pytest.raises(InvalidMessage) as caught:
        read_body(b'{"counter_id": "canari-secret", "amount": "canari-secret"}', AddToCounter)
    error: BaseException | None = caught.value
    while error is not None:
        assert "canari-secret" not in str(error)
        error = error.__cause__
