"""What an OpenAPI document says that a service takes: its operations, their texts, their forms."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

Json = Mapping[str, Any]
METHODS = {"get", "post", "put", "patch", "delete"}
HELD = {"enum", "const", "pattern"}
"""What holds a text to a list or to a pattern, which refuse all strange ones alike."""


class Text(NamedTuple):
    """A text that a form takes, at a place in it: names of fields, numbers in lists."""

    place: tuple[str | int, ...]
    free: bool
    """Whether the document holds it to no pattern and no list."""

    @property
    def name(self) -> str:
        """The field that it is typed in."""
        return next(each for each in reversed(self.place) if isinstance(each, str))


@dataclass(frozen=True)
class Operation:
    """One operation, with one of the forms it takes: its texts, wherever they are typed."""

    method: str
    path: str
    path_texts: tuple[str, ...]
    query_texts: tuple[str, ...]
    body_texts: tuple[Text, ...]
    form: Json

    def body(
        self, samples: Mapping[str, Callable[[], Any]], place: tuple[str | int, ...] = ()
    ) -> Any:
        """A form with all that must be there, and what a place is in; None if it takes none."""
        return _filled(self.form, samples, place) if self.form else None


def operations(document: Json) -> Iterator[Operation]:
    """Every operation of a document, once for each form it takes."""
    for path, item in document["paths"].items():
        for method in METHODS & item.keys():
            told = item[method]
            parameters = [_resolved(each, document) for each in told.get("parameters", ())]
            content = told.get("requestBody", {}).get("content", {}).get("application/json", {})
            schema = _resolved(content.get("schema", {}), document)
            for form in schema.get("oneOf", (schema,)):
                whole = _resolved(form, document)
                yield Operation(
                    method.upper(),
                    path,
                    _texts_of(parameters, "path"),
                    _texts_of(parameters, "query"),
                    tuple(_texts_in(whole)),
                    whole,
                )


def _texts_of(parameters: list[Json], place: str) -> tuple[str, ...]:
    return tuple(
        each["name"] for each in parameters if each["in"] == place and _text(each["schema"])
    )


def _texts_in(schema: Json, place: tuple[str | int, ...] = ()) -> Iterator[Text]:
    """The texts of a form, those of the forms in it too; of a list, those of its first item."""
    text = _text(schema) if place else None
    if text is not None:
        yield Text(place, not HELD & text.keys())
        return
    kind = _kind(schema)
    for name, field in kind.get("properties", {}).items():
        yield from _texts_in(field, (*place, name))
    if kind.get("type") == "array":
        yield from _texts_in(kind["items"], (*place, 0))


def _filled(
    schema: Json,
    samples: Mapping[str, Callable[[], Any]],
    place: tuple[str | int, ...],
    name: str = "",
) -> Any:
    kind = _kind(schema)
    inside, *rest = place or ("",)
    if "properties" in kind:
        needed = {*kind.get("required", ()), *([inside] if place else [])}
        return {
            each: _filled(field, samples, tuple(rest) if each == inside else (), each)
            for each, field in kind["properties"].items()
            if each in needed
        }
    if kind.get("type") == "array" and (place or name not in samples):
        many = bool(place) or kind.get("minItems")
        return [_filled(kind["items"], samples, tuple(rest), name)] if many else []
    if name in samples:
        return samples[name]()
    return kind["const"] if "const" in kind else kind.get("enum", (False,))[0]


def _text(schema: Json) -> Json | None:
    """The kind of a schema that is a text, if one is."""
    return next((each for each in _kinds(schema) if each.get("type") == "string"), None)


def _kind(schema: Json) -> Json:
    """The first kind of a schema that is something."""
    return next((each for each in _kinds(schema) if each.get("type") != "null"), {})


def _kinds(schema: Json) -> tuple[Json, ...]:
    return tuple(schema.get("anyOf", (schema,)))


def _resolved(schema: Any, document: Json) -> Any:
    """What a schema is, every reference in it followed; no form of ours holds itself."""
    if isinstance(schema, list):
        return [_resolved(each, document) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    if "$ref" in schema:
        found: Any = document
        for name in schema["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        return _resolved(found, document)
    return {name: _resolved(each, document) for name, each in schema.items()}
