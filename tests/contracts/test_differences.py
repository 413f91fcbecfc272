"""Each kind of change of a schema, judged for a fact and for a command."""

from typing import Any

import pytest

from deploy.docs.compatibility import schema_breaks, topic_breaks
from shared.contracts.asyncapi import asyncapi_document
from shared.contracts.catalogue import ALL_MESSAGES
from shared.contracts.schemas import message_schema

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
NULL: Schema = {"type": "null"}
KINDS = ("command", "fact", "snapshot", "refusal")


def message(kind: str, required: tuple[str, ...] = ("id",), /, **fields: Schema) -> Schema:
    return {
        "type": "object",
        "properties": {"id": TEXT, **fields},
        "required": list(required),
        "x-kind": kind,
        "x-topic": "mcp.essai",
        "x-key": "id",
    }


def referring(kind: str, definition: Schema) -> Schema:
    return {**message(kind, nom={"$ref": "#/$defs/Nom"}), "$defs": {"Nom": definition}}


def judge(kind: str, old: Schema, new: Schema) -> list[str]:
    return schema_breaks(message(kind, nom=old), message(kind, nom=new))


REFUSED_FOR_ALL = {
    "other type": (TEXT, {"type": "integer"}),
    "integer instead of number": ({"type": "number"}, {"type": "integer"}),
    "null no longer": ({"anyOf": [TEXT, NULL]}, TEXT),
    "null no longer, types listed": ({"type": ["string", "null"]}, TEXT),
    "shorter text": ({**TEXT, "maxLength": 100}, {**TEXT, "maxLength": 99}),
    "longer minimum": ({**TEXT, "minLength": 1}, {**TEXT, "minLength": 2}),
    "a limit where there was none": (TEXT, {**TEXT, "maxLength": 10_000}),
    "a pattern where there was none": (TEXT, {**TEXT, "pattern": "^a"}),
    "another pattern": ({**TEXT, "pattern": "^a"}, {**TEXT, "pattern": "^[ab]"}),
    "a format where there was none": (TEXT, {**TEXT, "format": "date-time"}),
    "another format": ({**TEXT, "format": "date"}, {**TEXT, "format": "date-time"}),
    "smaller maximum": ({"type": "integer", "maximum": 9}, {"type": "integer", "maximum": 8}),
    "higher minimum": ({"type": "integer", "minimum": 0}, {"type": "integer", "minimum": 1}),
    "other multiple": ({"type": "integer"}, {"type": "integer", "multipleOf": 2}),
    "value removed": ({**TEXT, "enum": ["a", "b"]}, {**TEXT, "enum": ["a"]}),
    "value renamed": ({**TEXT, "enum": ["a", "b"]}, {**TEXT, "enum": ["a", "B"]}),
    "values listed where there were none": (TEXT, {**TEXT, "enum": ["a", "b"]}),
    "one value where there were two": ({**TEXT, "enum": ["a", "b"]}, {**TEXT, "const": "a"}),
    "other default": ({**TEXT, "default": "a"}, {**TEXT, "default": "b"}),
    "default gone": ({**TEXT, "default": "a"}, TEXT),
    "elements of another type": (
        {"type": "array", "items": TEXT},
        {"type": "array", "items": {"type": "integer"}},
    ),
    "fewer elements": (
        {"type": "array", "items": TEXT, "maxItems": 3},
        {"type": "array", "items": TEXT, "maxItems": 2},
    ),
    "inner field removed": (
        {"type": "object", "properties": {"a": TEXT, "b": TEXT}},
        {"type": "object", "properties": {"a": TEXT}},
    ),
    "inner field named as a silent word, narrowed": (
        {"type": "object", "properties": {"title": TEXT}},
        {"type": "object", "properties": {"title": {**TEXT, "maxLength": 3}}},
    ),
    "inner field required": (
        {"type": "object", "properties": {"a": TEXT}},
        {"type": "object", "properties": {"a": TEXT}, "required": ["a"]},
    ),
    "unknown fields refused": (
        {"type": "object"},
        {"type": "object", "additionalProperties": False},
    ),
    "values of a map narrowed": (
        {"type": "object", "additionalProperties": TEXT},
        {"type": "object", "additionalProperties": {**TEXT, "maxLength": 3}},
    ),
    "alternative removed": (
        {"anyOf": [TEXT, {"type": "integer"}, NULL]},
        {"anyOf": [TEXT, NULL]},
    ),
    "alternative narrowed": (
        {"anyOf": [{**TEXT, "maxLength": 9}, NULL]},
        {"anyOf": [{**TEXT, "maxLength": 8}, NULL]},
    ),
    "one of two objects changed": (
        {"oneOf": [{"type": "object", "properties": {"a": TEXT}}, {"type": "object"}]},
        {"oneOf": [{"type": "object", "properties": {"b": TEXT}}, {"type": "object"}]},
    ),
    "limit of all alternatives narrowed": (
        {"anyOf": [TEXT, NULL], "maxLength": 9},
        {"anyOf": [TEXT, NULL], "maxLength": 8},
    ),
    "limit said twice, narrowed beside": (
        {"anyOf": [{**TEXT, "maxLength": 9}, NULL], "maxLength": 8},
        {"anyOf": [{**TEXT, "maxLength": 9}, NULL], "maxLength": 7},
    ),
    "a word that nobody knows": (TEXT, {**TEXT, "not": {"const": "a"}}),
    "an unknown word changed": ({**TEXT, "not": {"const": "a"}}, {**TEXT, "not": {"const": "b"}}),
}

WIDENED = {
    "longer text": ({**TEXT, "maxLength": 100}, {**TEXT, "maxLength": 101}),
    "limit removed": ({**TEXT, "maxLength": 100}, TEXT),
    "pattern removed": ({**TEXT, "pattern": "^a"}, TEXT),
    "lower minimum": ({"type": "integer", "minimum": 1}, {"type": "integer", "minimum": 0}),
    "value added": ({**TEXT, "enum": ["a"]}, {**TEXT, "enum": ["a", "b"]}),
    "value added to one": ({**TEXT, "const": "a"}, {**TEXT, "enum": ["a", "b"]}),
    "any value": ({**TEXT, "enum": ["a"]}, TEXT),
    "null too": (TEXT, {"anyOf": [TEXT, NULL]}),
    "another type too": (TEXT, {"type": ["string", "integer"]}),
    "inner value added": (
        {"type": "array", "items": {**TEXT, "enum": ["a"]}},
        {"type": "array", "items": {**TEXT, "enum": ["a", "b"]}},
    ),
    "unknown fields accepted": (
        {"type": "object", "additionalProperties": False},
        {"type": "object", "additionalProperties": True},
    ),
    "inner field may be left out": (
        {"type": "object", "properties": {"a": TEXT}, "required": ["a"]},
        {"type": "object", "properties": {"a": TEXT}},
    ),
}

HARMLESS = {
    "nothing": (TEXT, TEXT),
    "other words about it": (
        {**TEXT, "title": "A", "description": "a"},
        {**TEXT, "title": "B", "examples": ["b"], "deprecated": True},
    ),
    "values in another order": ({**TEXT, "enum": ["a", "b"]}, {**TEXT, "enum": ["b", "a"]}),
    "alternatives in another order": ({"anyOf": [TEXT, NULL]}, {"anyOf": [NULL, TEXT]}),
    "types listed otherwise": ({"anyOf": [TEXT, NULL]}, {"type": ["null", "string"]}),
    "one value written otherwise": ({**TEXT, "const": "a"}, {**TEXT, "enum": ["a"]}),
    "unknown fields accepted, said": (
        {"type": "object"},
        {"type": "object", "additionalProperties": True},
    ),
    "inner field that may be left out": (
        {"type": "object", "properties": {"a": TEXT}, "required": ["a"]},
        {"type": "object", "properties": {"a": TEXT, "b": TEXT}, "required": ["a"]},
    ),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", REFUSED_FOR_ALL)
def test_refused_for_every_message(kind: str, case: str) -> None:
    assert judge(kind, *REFUSED_FOR_ALL[case])


@pytest.mark.parametrize("case", WIDENED)
def test_a_command_may_accept_more(case: str) -> None:
    assert judge("command", *WIDENED[case]) == []


@pytest.mark.parametrize("kind", ["fact", "snapshot", "refusal"])
@pytest.mark.parametrize("case", WIDENED)
def test_a_fact_may_not_hold_more_than_its_consumers_accept(kind: str, case: str) -> None:
    assert judge(kind, *WIDENED[case])


@pytest.mark.parametrize("case", WIDENED)
def test_no_message_may_accept_less(case: str) -> None:
    old, new = WIDENED[case]
    assert judge("command", new, old)
    assert judge("fact", new, old)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", HARMLESS)
def test_harmless_for_every_message(kind: str, case: str) -> None:
    assert judge(kind, *HARMLESS[case]) == []


@pytest.mark.parametrize("kind", KINDS)
def test_field_that_may_be_left_out_is_welcome(kind: str) -> None:
    assert schema_breaks(message(kind), message(kind, nom=TEXT)) == []
    assert schema_breaks(message(kind), message(kind, nom={**TEXT, "default": "a"})) == []


@pytest.mark.parametrize("kind", KINDS)
def test_field_removed_or_renamed_or_newly_required_is_refused(kind: str) -> None:
    plain, named = message(kind), message(kind, nom=TEXT)
    assert schema_breaks(named, plain) == ["nom: field removed"]
    assert schema_breaks(named, message(kind, libelle=TEXT)) == ["nom: field removed"]
    assert schema_breaks(plain, message(kind, ("id", "nom"), nom=TEXT)) == [
        "nom: new field is required"
    ]
    assert schema_breaks(named, message(kind, ("id", "nom"), nom=TEXT)) == ["nom: required"]


def test_required_field_may_be_left_out_of_a_command_only() -> None:
    def change(kind: str) -> list[str]:
        return schema_breaks(message(kind, ("id", "nom"), nom=TEXT), message(kind, nom=TEXT))

    assert change("command") == []
    assert change("fact") == ["nom: may be left out"]


@pytest.mark.parametrize("kind", KINDS)
def test_change_behind_a_reference_is_seen(kind: str) -> None:
    old, new = {**TEXT, "enum": ["a", "b"]}, {**TEXT, "enum": ["a"]}
    assert schema_breaks(referring(kind, old), referring(kind, new)) == ["nom: value 'b' removed"]
    assert schema_breaks(referring(kind, old), message(kind, nom=old)) == []


@pytest.mark.parametrize("word", ["x-kind", "x-topic", "x-key"])
def test_kind_topic_and_key_stay(word: str) -> None:
    old = message("fact", nom=TEXT)
    new = {**old, word: "command" if word == "x-kind" else "autre"}
    assert schema_breaks(old, new) == [f"{word[2:]} is {new[word]}, was {old[word]}"]


@pytest.mark.parametrize("type", ALL_MESSAGES)
def test_every_message_is_compatible_with_itself(type: str) -> None:
    schema = message_schema(ALL_MESSAGES[type])
    assert schema_breaks(schema, schema) == []


@pytest.mark.parametrize("type", ALL_MESSAGES)
def test_every_field_of_every_message_is_guarded(type: str) -> None:
    schema = message_schema(ALL_MESSAGES[type])
    for name in schema["properties"]:
        rest = {key: value for key, value in schema["properties"].items() if key != name}
        assert schema_breaks(schema, {**schema, "properties": rest}) != []
        other = {**schema["properties"], name: {"type": "null"}}
        assert schema_breaks(schema, {**schema, "properties": other}) != []


def test_topics_stay_with_their_partitions() -> None:
    now = asyncapi_document()
    assert topic_breaks(now, now) == []
    name = "mcp.user-lifecycle"
    before = asyncapi_document()
    before["channels"]["mcp.gone"] = before["channels"][name]
    kafka = {**now["channels"][name]["bindings"]["kafka"], "partitions": 6}
    before["channels"][name] = {"bindings": {"kafka": kafka}}
    assert topic_breaks(before, now) == [
        f"{name}: partitions is 12, was 6",
        "mcp.gone: topic removed",
    ]
