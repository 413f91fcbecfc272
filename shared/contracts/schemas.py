"""The JSON Schema of each message, as published for who writes or reads it in any language."""

from collections.abc import Mapping
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from shared.contracts.envelope import Command, Message, Refused, Snapshot

DIALECT = GenerateJsonSchema.schema_dialect
DEFINITIONS = "#/$defs/"

Schema = dict[str, Any]


class _Plain(GenerateJsonSchema):
    """Leaves out the titles that pydantic makes of field names."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 (as pydantic calls it)
        """Never."""
        return False


def message_schema(model: type[Message]) -> Schema:
    """The schema of a message's body; `x-` members tell its type, kind, topic and key."""
    return {
        "$schema": DIALECT,
        **model.model_json_schema(schema_generator=_Plain),
        "x-type": model.TYPE,
        "x-kind": kind_of(model),
        "x-topic": model.TOPIC,
        "x-key": model.KEY,
    }


def kind_of(model: type[Message]) -> str:
    """What a message is to who gets it: command, fact, snapshot or refusal."""
    if issubclass(model, Command):
        return "command"
    if issubclass(model, Refused):
        return "refusal"
    return "snapshot" if issubclass(model, Snapshot) else "fact"


def inlined(schema: Mapping[str, Any]) -> Schema:
    """The same schema with each reference to its own definitions replaced by what it names.

    Raises: ValueError for a definition that contains itself.
    """
    result: Schema = _inline(dict(schema), schema.get("$defs", {}), ())
    result.pop("$defs", None)
    return result


def _inline(node: Any, definitions: Mapping[str, Any], inside: tuple[str, ...]) -> Any:
    if isinstance(node, list):
        return [_inline(each, definitions, inside) for each in node]
    if not isinstance(node, dict):
        return node
    reference = node.get("$ref")
    if isinstance(reference, str) and reference.startswith(DEFINITIONS):
        name = reference.removeprefix(DEFINITIONS)
        if name in inside:
            raise ValueError(f"{name} contains itself")
        beside = {key: value for key, value in node.items() if key != "$ref"}
        return _inline({**definitions[name], **beside}, definitions, (*inside, name))
    return {
        key: value if key == "$defs" else _inline(value, definitions, inside)
        for key, value in node.items()
    }
