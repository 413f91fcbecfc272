"""The generated documents: up to date in the tree, the same at each run, true."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from deploy.__main__ import main
from deploy.docs import command
from deploy.docs.generated import ASYNCAPI, ROOT, TOPICS_PAGE, documents, drift, write
from shared.contracts.asyncapi import PARTIES, asyncapi_document
from shared.contracts.catalogue import ALL_MESSAGES, example_of, owner_of
from shared.contracts.envelope import Command, Fact, Message
from shared.contracts.headers import headers_schema
from shared.contracts.schemas import inlined
from shared.contracts.topics import TOPICS
from shared.errors import InvalidMessage
from shared.kafka.records import read_envelope
from shared.path.rows import fact_row, source_of

FACTS = [model for model in ALL_MESSAGES.values() if issubclass(model, Fact)]
COMMANDS = [model for model in ALL_MESSAGES.values() if issubclass(model, Command)]


def test_documents_in_the_tree_are_those_of_the_contracts() -> None:
    assert drift(ROOT) == [], "run: python -m deploy docs"


def test_documents_are_the_same_at_each_run() -> None:
    assert documents() == documents()


def test_drift_names_what_is_missing_changed_or_too_many(tmp_path: Path) -> None:
    assert drift(tmp_path) == sorted(documents())
    assert write(tmp_path) == sorted(documents())
    assert drift(tmp_path) == []
    (tmp_path / TOPICS_PAGE).write_text("vieux")
    (tmp_path / ASYNCAPI).unlink()
    old = tmp_path / "docs/schemas/mcp.identity.forgotten.v1.json"
    old.write_text("{}")
    changed = [ASYNCAPI, "docs/schemas/mcp.identity.forgotten.v1.json", TOPICS_PAGE]
    assert drift(tmp_path) == changed
    assert write(tmp_path) == changed
    assert not old.exists()
    assert drift(tmp_path) == []


def test_check_fails_and_names_the_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["docs", "--check"]) == 0
    monkeypatch.setattr(command, "drift", lambda: [ASYNCAPI])
    assert main(["docs", "--check"]) == 1
    assert ASYNCAPI in capsys.readouterr().err


def test_channels_are_the_registry() -> None:
    channels = asyncapi_document()["channels"]
    assert channels.keys() == TOPICS.keys()
    for name, topic in TOPICS.items():
        kafka = channels[name]["bindings"]["kafka"]
        assert (kafka["partitions"], kafka["replicas"]) == (topic.partitions, topic.replication)
        for setting, value in kafka["topicConfiguration"].items():
            text = value[0] if isinstance(value, list) else str(value)
            assert topic.config()[setting] == text


def test_operations_are_who_reads_and_who_writes() -> None:
    operations = asyncapi_document()["operations"]
    writes = {f"{party}.send.{t.name}" for t in TOPICS.values() for party in t.producers}
    reads = {f"{party}.receive.{t.name}" for t in TOPICS.values() for party in t.consumers}
    assert operations.keys() == writes | reads


@pytest.mark.parametrize("party", PARTIES)
def test_document_of_a_service_is_its_part_of_the_merged_one(party: str) -> None:
    merged, own = asyncapi_document(), asyncapi_document(party)
    for part in ("channels", "operations"):
        assert own[part].items() <= merged[part].items()
    assert own["components"]["messages"].items() <= merged["components"]["messages"].items()
    assert own["operations"].keys() == {
        name for name in merged["operations"] if name.startswith(f"{party}.")
    }


def test_document_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="cdap"):
        asyncapi_document("cdap")


def test_every_reference_of_the_document_leads_somewhere() -> None:
    document = asyncapi_document()
    references = [node["$ref"] for node in _nodes(document) if "$ref" in node]
    assert references
    for reference in references:
        node = document
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]


@pytest.mark.parametrize("model", FACTS, ids=lambda model: model.TYPE)
@pytest.mark.parametrize("cause", [None, "c0ffee"])
def test_headers_of_a_fact_are_as_published(model: type[Fact], cause: str | None) -> None:
    fact = model.model_validate_json(json.dumps(example_of(model)))
    trace = {"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}
    row = fact_row(
        fact, id="e1", aggregate="a/1", seq=7, source=source_of(owner_of(model)),
        at="2026-03-02T09:15:00.000+00:00", correlation_id="c1", cause=cause, traced=trace,
    )  # fmt: skip
    schema = headers_schema(model)
    Draft202012Validator(schema).validate(dict(row.headers))
    assert row.headers.keys() <= schema["properties"].keys()
    assert row.headers.keys() >= set(schema["required"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ce_id", ""),
        ("ce_id", "a" * 128),
        ("ce_id", "a" * 129),
        ("ce_id", "two words"),
        ("ce_id", "é"),
        ("ce_source", ""),
        ("ce_source", "s" * 129),
        ("ce_specversion", "0.3"),
        ("ce_correlationid", "two words"),
    ],
)
def test_published_headers_of_a_command_are_what_the_door_accepts(name: str, value: str) -> None:
    model = COMMANDS[0]
    message = asyncapi_document()["components"]["messages"][model.TYPE]
    headers = {**message["examples"][0]["headers"], name: value}
    assert Draft202012Validator(message["headers"]).is_valid(headers) == _accepted(headers)


@pytest.mark.parametrize("model", COMMANDS, ids=lambda model: model.TYPE)
def test_a_command_says_who_asks(model: type[Message]) -> None:
    assert "authorization" in headers_schema(model)["required"]


def test_topics_page_has_a_row_for_each_topic_in_both_tables() -> None:
    page = documents()[TOPICS_PAGE]
    for name in TOPICS:
        assert page.count(f"\n| `{name}` |") == 2


def test_a_definition_that_contains_itself_is_refused() -> None:
    tree = {"$ref": "#/$defs/Node", "$defs": {"Node": {"items": {"$ref": "#/$defs/Node"}}}}
    with pytest.raises(ValueError, match="Node contains itself"):
        inlined(tree)


def _accepted(headers: dict[str, str]) -> bool:
    try:
        read_envelope(headers)
    except InvalidMessage:
        return False
    return True


def _nodes(node: object) -> list[dict[str, str]]:
    if isinstance(node, list):
        return [found for each in node for found in _nodes(each)]
    if not isinstance(node, dict):
        return []
    return [node, *(found for each in node.values() for found in _nodes(each))]
