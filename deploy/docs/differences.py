"""Every difference between two JSON Schemas, and what it does to the values they accept.

Knows what pydantic writes. A word that it does not know is taken for a constraint: a change that
nobody can judge is never called harmless.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

Schema = Mapping[str, Any]

LOWER = {"minLength", "minimum", "exclusiveMinimum", "minItems", "minProperties"}
UPPER = {"maxLength", "maximum", "exclusiveMaximum", "maxItems", "maxProperties"}
SILENT = {"$schema", "title", "description", "default", "examples", "deprecated", "discriminator"}
"""Words that accept and refuse nothing; a default is looked at with its field."""
STRUCTURE = {"type", "enum", "const", "properties", "required", "items", "additionalProperties"}


class Effect(Enum):
    """What a difference does to the values that a schema accepts."""

    NARROWER = auto()
    """A value that was accepted is not any more."""
    WIDER = auto()
    """A value that was not accepted now is."""
    DIFFERENT = auto()
    """It means something else, or nobody can tell."""
    ADDED = auto()
    """A field that may be left out is new."""


@dataclass(frozen=True)
class Difference:
    """One difference: where in the body, what, and its effect."""

    path: str
    what: str
    effect: Effect

    def __str__(self) -> str:
        return f"{self.path or 'body'}: {self.what}"


def differences(old: Schema, new: Schema, path: str = "") -> Iterator[Difference]:
    """Every difference between two schemas without references."""
    pairs, lost, gained = _matched(_alternatives(old), _alternatives(new))
    for schema in lost:
        yield Difference(path, f"{_name(schema)} no longer accepted", Effect.NARROWER)
    for schema in gained:
        yield Difference(path, f"{_name(schema)} newly accepted", Effect.WIDER)
    for before, after in pairs:
        yield from _values(before, after, path)
        yield from _constraints(before, after, path)
        yield from _fields(before, after, path)
        yield from _inner(before, after, path)


def _alternatives(schema: Schema) -> list[Schema]:
    """The schemas of which one must hold, each of one type."""
    for word in ("anyOf", "oneOf"):
        if word in schema:
            beside = {key: value for key, value in schema.items() if key != word}
            return [each for one in schema[word] for each in _alternatives(_both(beside, one))]
    types = schema.get("type")
    if isinstance(types, list):
        return [{**schema, "type": each} for each in types]
    return [schema]


def _both(beside: Schema, one: Schema) -> Schema:
    """An alternative and what holds beside all of them; nothing said twice is forgotten."""
    words = (beside.keys() & one.keys()) - SILENT
    twice = {f"{word}, beside": beside[word] for word in sorted(words)}
    return {**beside, **one, **twice}


def _matched(
    olds: list[Schema], news: list[Schema]
) -> tuple[list[tuple[Schema, Schema]], list[Schema], list[Schema]]:
    """Pairs of alternatives that stand for one another, those lost, those gained.

    Equal ones go together; then those that are, on both sides, alone left of their type.
    """
    pairs: list[tuple[Schema, Schema]] = []
    lost, gained = list(olds), list(news)
    for before in olds:
        equal = [after for after in gained if _bare(after) == _bare(before)]
        if equal:
            pairs.append((before, equal[0]))
            lost.remove(before)
            gained.remove(equal[0])
    for kind in sorted({_type(schema) for schema in lost}):
        left = [schema for schema in lost if _type(schema) == kind]
        right = [schema for schema in gained if _type(schema) == kind]
        if len(left) == len(right) == 1:
            pairs.append((left[0], right[0]))
            lost.remove(left[0])
            gained.remove(right[0])
    return pairs, lost, gained


def _values(old: Schema, new: Schema, path: str) -> Iterator[Difference]:
    before, after = _listed(old), _listed(new)
    if before is None or after is None:
        if after is not None:
            yield Difference(path, f"only {after} accepted", Effect.NARROWER)
        if before is not None:
            yield Difference(path, "any value accepted", Effect.WIDER)
        return
    for value in [each for each in before if each not in after]:
        yield Difference(path, f"value {value!r} removed", Effect.NARROWER)
    for value in [each for each in after if each not in before]:
        yield Difference(path, f"value {value!r} added", Effect.WIDER)


def _constraints(old: Schema, new: Schema, path: str) -> Iterator[Difference]:
    for word in sorted({*old, *new} - SILENT - STRUCTURE):
        if word.startswith("x-") or old.get(word) == new.get(word):
            continue
        if word not in old or word not in new:
            effect = Effect.NARROWER if word in new else Effect.WIDER
        elif word in LOWER:
            effect = Effect.NARROWER if new[word] > old[word] else Effect.WIDER
        elif word in UPPER:
            effect = Effect.NARROWER if new[word] < old[word] else Effect.WIDER
        else:
            effect = Effect.DIFFERENT
        yield Difference(path, f"{word} is {new.get(word)}, was {old.get(word)}", effect)


def _fields(old: Schema, new: Schema, path: str) -> Iterator[Difference]:
    before, after = old.get("properties", {}), new.get("properties", {})
    was_required, is_required = old.get("required", []), new.get("required", [])
    for name in [each for each in before if each not in after]:
        yield Difference(_under(path, name), "field removed", Effect.DIFFERENT)
    for name in [each for each in after if each not in before]:
        if name in is_required:
            yield Difference(_under(path, name), "new field is required", Effect.NARROWER)
        else:
            yield Difference(_under(path, name), "new field", Effect.ADDED)
    for name in [each for each in before if each in after]:
        inside = _under(path, name)
        if (name in was_required) != (name in is_required):
            needed = name in is_required
            effect = Effect.NARROWER if needed else Effect.WIDER
            yield Difference(inside, "required" if needed else "may be left out", effect)
        elif before[name].get("default") != after[name].get("default"):
            yield Difference(inside, "other default", Effect.DIFFERENT)
        yield from differences(before[name], after[name], inside)


def _inner(old: Schema, new: Schema, path: str) -> Iterator[Difference]:
    """Elements of lists, and fields that a schema allows without naming them."""
    for word, mark in (("items", "[]"), ("additionalProperties", "{}")):
        before, after = old.get(word, True), new.get(word, True)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from differences(before, after, path + mark)
        elif before != after:
            wider = before is False or after is True
            yield Difference(path, f"other {word}", Effect.WIDER if wider else Effect.NARROWER)


def _listed(schema: Schema) -> list[Any] | None:
    """The values that a schema lists; None where it lists none."""
    if "const" in schema:
        return [schema["const"]]
    values: list[Any] | None = schema.get("enum")
    return values


def _bare(node: Any, *, names: bool = False) -> Any:
    """A schema without its silent words; `names` where the keys are names of fields."""
    if isinstance(node, list):
        return [_bare(each) for each in node]
    if not isinstance(node, Mapping):
        return node
    return {
        key: _bare(value, names=key == "properties" and not names)
        for key, value in node.items()
        if names or key not in SILENT
    }


def _type(schema: Schema) -> str:
    return str(schema.get("type", "anything"))


def _name(schema: Schema) -> str:
    return str(schema.get("title") or _type(schema))


def _under(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
