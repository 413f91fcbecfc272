"""What an OpenAPI document says that a service takes: its operations and their texts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]
METHODS = {"get", "post", "put", "patch", "delete"}


@dataclass(frozen=True)
class Operation:
    """One operation: its texts in the address, after the question mark, and in the body."""

    method: str
    path: str
    path_texts: tuple[str, ...]
    query_texts: tuple[str, ...]
    body_texts: tuple[str, ...]
    free_texts: frozenset[str]
    """Those of them that the document holds to no pattern and no list."""
    required: tuple[str, ...]


def operations(document: Json) -> Iterator[Operation]:
    """Every operation of a document."""
    for path, item in document["paths"].items():
        for method in METHODS & item.keys():
            told = item[method]
            parameters = [_resolved(each, document) for each in told.get("parameters", ())]
            form = _form(told, document)
            yield Operation(
                method.upper(),
                path,
                _texts_of(parameters, "path", document),
                _texts_of(parameters, "query", document),
                tuple(n for n, s in form.get("properties", {}).items() if _is_text(s, document)),
                frozenset(n for n, s in form.get("properties", {}).items() if _free(s, document)),
                tuple(form.get("required", ())),
            )


def _texts_of(parameters: list[Json], place: str, document: Json) -> tuple[str, ...]:
    return tuple(
        each["name"]
        for each in parameters
        if each["in"] == place and _is_text(each["schema"], document)
    )


def _form(operation: Json, document: Json) -> Json:
    content = operation.get("requestBody", {}).get("content", {})
    return _resolved(content.get("application/json", {}).get("schema", {}), document)


def _is_text(schema: Json, document: Json) -> bool:
    return any(kind.get("type") == "string" for kind in _kinds(schema, document))


def _free(schema: Json, document: Json) -> bool:
    kinds = [each for each in _kinds(schema, document) if each.get("type") == "string"]
    return any(not {"enum", "const", "pattern"} & kind.keys() for kind in kinds)


def _kinds(schema: Json, document: Json) -> list[Json]:
    schema = _resolved(schema, document)
    return [_resolved(each, document) for each in schema.get("anyOf", (schema,))]


def _resolved(schema: Json, document: Json) -> Json:
    """What a schema is, its reference followed."""
    found: dict[str, Any] = dict(schema)
    while "$ref" in found:
        place = found["$ref"].removeprefix("#/").split("/")
        found = dict(document)
        for name in place:
            found = found[name]
    return found
