"""Facts and dead letters on their way out are CloudEvents 1.0 in the Kafka binary binding."""

from typing import Any

import pytest

from shared.contracts.envelope import Fact
from shared.contracts.topics import EVENT_BYTES
from shared.errors import Bug
from shared.path.rows import dead_letter_row, event_id, fact_row, moment, source_of
from shared.path.work import Origin, Row
from tests.shared.asking import NOW, origin_at
from tests.shared.tiny import COUNTERS, CommandRefused, CounterMoved

TRACED = {"traceparent": "00-" + "a" * 32 + "-" + "b" * 16 + "-01"}


def row_of(fact: Fact, **more: Any) -> Row:
    given: dict[str, Any] = {"cause": "m1", "traced": TRACED, **more}
    return fact_row(
        fact,
        id="e1",
        aggregate="counters/c1",
        seq=3,
        source=source_of("tiny"),
        at=moment(NOW),
        correlation_id="x1",
        **given,
    )


def test_a_fact_goes_out_with_all_the_headers_of_its_contract():
    row = row_of(CounterMoved(counter_id="c1", total=2))
    assert (row.topic, row.key, row.value) == (COUNTERS, "c1", b'{"counter_id":"c1","total":2}')
    assert row.headers == {
        "ce_specversion": "1.0",
        "ce_id": "e1",
        "ce_type": "mcp.tiny.counter_moved.v1",
        "ce_source": "/mcp/tiny",
        "ce_time": "2026-03-02T09:15:00.000+00:00",
        "ce_subject": "counters/c1",
        "content-type": "application/json",
        "ce_correlationid": "x1",
        "ce_causationid": "m1",
        "ce_sequence": "0000000003",
        **TRACED,
    }


def test_what_caused_nothing_names_no_cause():
    row = row_of(CounterMoved(counter_id="c1", total=2), cause=None, traced={})
    assert "ce_causationid" not in row.headers


def test_a_refusal_has_no_number():
    refused = CommandRefused(
        command_id="m", command_type="t", command_key="k", code="c", message="Non.", at=NOW
    )
    assert "ce_sequence" not in row_of(refused).headers


def test_a_body_above_256_kib_is_a_bug():
    class Long(CounterMoved):
        text: str

    frame = len(Long(counter_id="c", total=0, text="").to_json())
    row_of(Long(counter_id="c", total=0, text="x" * (EVENT_BYTES - frame)))
    with pytest.raises(Bug, match="event_too_large"):
        row_of(Long(counter_id="c", total=0, text="x" * (EVENT_BYTES - frame + 1)))


def test_a_dead_letter_is_its_record_whole_with_where_and_why():
    row = dead_letter_row(origin_at(9), service="tiny", reason="json_invalid", release="r1")
    assert row.id == "dl/mcp.tiny.commands/0/9"
    assert row.aggregate == "dead-letters/mcp.tiny.commands/0/9"
    assert row.headers == {
        "ce_id": "a",
        "dl_topic": "mcp.tiny.commands",
        "dl_partition": "0",
        "dl_offset": "9",
        "dl_reason": "json_invalid",
        "dl_service": "tiny",
        "dl_release": "r1",
    }


def test_a_record_without_key_and_body_becomes_a_dead_letter_that_can_be_sent():
    nothing = Origin("t", 0, 1, None, {}, None)
    tombstone = Origin("t", 0, 1, "k", {}, None)
    made = [dead_letter_row(o, service="s", reason="r", release="r") for o in (nothing, tombstone)]
    assert [(row.key, row.value) for row in made] == [(None, b""), ("k", None)]


def test_the_id_of_an_event_depends_on_its_message_and_its_place_only():
    assert event_id("m1", 0) == event_id("m1", 0)
    assert len({event_id("m1", 0), event_id("m1", 1), event_id("m2", 0)}) == 3
