"""Foreign clients read the same records as ours: count, keys, partitions, headers, bodies."""

import json
from datetime import datetime
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event

from shared.contracts.topics import retry_topic
from tests.harness.polling import eventually
from tests.harness.topics import Record, read_topic
from tests.interop.published import AT, Published
from tests.interop.tools import find, install_js, run

pytestmark = [pytest.mark.connected, pytest.mark.interop, pytest.mark.timeout(360)]


@pytest.fixture(scope="module")
def read_by_kcat(published: Published) -> list[dict[str, Any]]:
    """The records as kcat tells them: librdkafka, in C."""
    kcat = find("kcat", "kcat")
    lines: list[dict[str, Any]] = []
    for topic in published.topics:
        reading = ("-C", "-t", topic, "-o", "beginning", "-e", "-q", "-J")
        done = run([kcat, "-b", published.kafka.bootstrap, *reading])
        assert done.returncode == 0, done.stderr
        lines += [json.loads(line) for line in done.stdout.splitlines()]
    return lines


@pytest.fixture(scope="module")
def read_by_js(published: Published) -> list[dict[str, Any]]:
    """The records as kafkajs and the JavaScript SDK of CloudEvents tell them."""
    folder = install_js()
    request = {
        "brokers": published.kafka.bootstrap.split(","),
        "group": f"{published.prefix}interop",
        "topics": published.topics,
    }
    done = run([find("node", "nodejs"), "read.mjs", json.dumps(request)], cwd=folder)
    assert done.returncode == 0, done.stdout[-1_000:] + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_our_client_reads_every_row(published: Published) -> None:
    assert sorted(_id(record) for record in published.records) == sorted(published.rows)
    assert len({record.partition for record in published.records}) > 1


def test_kcat_reads_the_same_records(
    published: Published, read_by_kcat: list[dict[str, Any]]
) -> None:
    theirs = {_place(line): line for line in read_by_kcat}
    assert len(theirs) == len(read_by_kcat) == len(published.records)
    for record in published.records:
        line = theirs[record.topic, record.partition, record.offset]
        names, values = line["headers"][::2], line["headers"][1::2]
        assert list(zip(names, values, strict=True)) == _headers(record)
        assert line["key"] == (record.key or b"").decode()
        assert line["payload"] == (record.value or b"").decode()


def test_javascript_reads_the_same_records(
    published: Published, read_by_js: list[dict[str, Any]]
) -> None:
    theirs = {_place(line): line for line in read_by_js}
    assert len(theirs) == len(read_by_js) == len(published.records)
    for record in published.records:
        line = theirs[record.topic, record.partition, record.offset]
        assert line["headers"] == dict(_headers(record))
        assert line["key"] == (record.key or b"").decode()


def test_javascript_sdk_understands_each_record(
    published: Published, read_by_js: list[dict[str, Any]]
) -> None:
    assert read_by_js
    for line in read_by_js:
        row = published.rows[line["id"]]
        assert line["type"] == row.headers["ce_type"]
        assert line["source"] == row.headers["ce_source"]
        assert line["subject"] == row.headers["ce_subject"]
        assert line["key"] == row.key
        assert line["datacontenttype"] == "application/json"
        assert datetime.fromisoformat(line["time"]) == AT
        assert line["data"] == json.loads(row.value or b"")
        for extension in ("sequence", "correlationid", "causationid"):
            assert line.get(extension) == row.headers.get(f"ce_{extension}")


def test_python_sdk_understands_each_record(published: Published) -> None:
    for record in published.records:
        event = from_binary_event(
            KafkaMessage(dict(record.headers), record.key, record.value or b"")
        )
        row = published.rows[event.get_id()]
        assert event.get_type() == row.headers["ce_type"]
        assert event.get_source() == row.headers["ce_source"]
        assert event.get_subject() == row.headers["ce_subject"]
        assert event.get_time() == AT
        assert event.get_data() == json.loads(row.value or b"")
        assert event.get_extension("sequence") == row.headers.get("ce_sequence")
        assert event.get_extension("correlationid") == row.headers["ce_correlationid"]


def test_javascript_chooses_the_same_partitions(read_by_js: list[dict[str, Any]]) -> None:
    assert read_by_js
    assert [line["chosen"] for line in read_by_js] == [line["partition"] for line in read_by_js]


async def test_librdkafka_chooses_the_same_partitions(published: Published) -> None:
    """With the partitioner of the Java client, which ours is; librdkafka's own default is not."""
    ours = {record.key: record.partition for record in published.records}
    topic = published.prefix + retry_topic("identity")
    keys = sorted(key.decode() for key in ours if key is not None)
    writing = ("-P", "-t", topic, "-K", ":", "-X", "partitioner=murmur2_random")
    done = run(
        [find("kcat", "kcat"), "-b", published.kafka.bootstrap, *writing],
        text="".join(f"{key}:{{}}\n" for key in keys),
    )
    assert done.returncode == 0, done.stderr

    async def arrived() -> list[Record] | None:
        records = await read_topic(published.kafka, topic)
        return records if len(records) == len(keys) else None

    theirs = await eventually(arrived, 20, "what kcat wrote") or []
    assert {record.key: record.partition for record in theirs} == ours


def _place(line: dict[str, Any]) -> tuple[str, int, int]:
    return line["topic"], int(line["partition"]), int(line["offset"])


def _headers(record: Record) -> list[tuple[str, str]]:
    return [(name, value.decode()) for name, value in record.headers]


def _id(record: Record) -> str:
    return record.header("ce_id") or ""
