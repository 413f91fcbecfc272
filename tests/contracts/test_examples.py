"""Each message has one example: valid, complete, about invented people, the same once read."""

import json
import re

import pytest
from jsonschema import Draft202012Validator

from deploy.docs.generated import ROOT, SCHEMAS
from shared.contracts.asyncapi import asyncapi_document
from shared.contracts.catalogue import ALL_MESSAGES, CONTRACTS, EXAMPLES, example_of
from shared.contracts.envelope import Message, Refused

FICTIONAL_PHONES = ("01 99 00", "02 61 91", "03 53 01", "04 65 71", "05 36 49", "06 39 98")
"""Numbers for fiction, given to nobody: decision 2018-0881 of Arcep, § 2.5.12."""

each_message = pytest.mark.parametrize("model", ALL_MESSAGES.values(), ids=ALL_MESSAGES.keys())


def test_each_message_has_an_example_and_each_example_a_message() -> None:
    assert {file.name for file in EXAMPLES.iterdir()} == {f"{type}.json" for type in ALL_MESSAGES}


def test_no_two_messages_have_the_same_type() -> None:
    assert len(ALL_MESSAGES) == sum(len(contract.MESSAGES) for contract in CONTRACTS)


@each_message
def test_example_is_read_and_written_again_the_same(model: type[Message]) -> None:
    body = example_of(model)
    message = model.model_validate_json(json.dumps(body))
    assert json.loads(message.to_json()) == body
    assert model.model_validate_json(message.to_json()) == message


@each_message
def test_example_shows_every_field_and_no_unknown_one(model: type[Message]) -> None:
    fields = set(model.model_fields)
    shown = set(example_of(model))
    assert shown <= fields
    assert fields - shown <= ({"field"} if issubclass(model, Refused) else set())


@each_message
def test_published_schema_accepts_the_example(model: type[Message]) -> None:
    schema = json.loads((ROOT / SCHEMAS / f"{model.TYPE}.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(example_of(model))


@each_message
def test_published_schema_refuses_an_example_without_a_required_field(
    model: type[Message],
) -> None:
    schema = json.loads((ROOT / SCHEMAS / f"{model.TYPE}.json").read_text(encoding="utf-8"))
    for name in schema["required"]:
        cut = {key: value for key, value in example_of(model).items() if key != name}
        assert not Draft202012Validator(schema).is_valid(cut), name


@each_message
def test_asyncapi_payload_and_headers_accept_their_example(model: type[Message]) -> None:
    message = asyncapi_document()["components"]["messages"][model.TYPE]
    (example,) = message["examples"]
    Draft202012Validator(message["payload"]).validate(example["payload"])
    Draft202012Validator(message["headers"]).validate(example["headers"])
    assert set(example["headers"]) <= set(message["headers"]["properties"])


@each_message
def test_example_is_about_nobody(model: type[Message]) -> None:
    body = example_of(model)
    assert body.get("mail", "@nobody.example").endswith(".example")
    assert body.get("telephone", FICTIONAL_PHONES[0]).startswith(FICTIONAL_PHONES)
    text = json.dumps(body)
    assert re.findall(r"@[\w.-]+", text) == re.findall(r"@[\w.-]+\.example\b", text)
