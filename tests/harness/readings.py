"""What a door shows to somebody known, from its OpenAPI document: readings, and the ids they take.

For tests that ask every reading for something of others (G-33), so that a new one is asked too.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import TypeAdapter

from shared.contracts.envelope import Id, NumeroConvention

_ID_PATTERNS = {TypeAdapter(each).json_schema()["pattern"] for each in (Id, NumeroConvention)}


def is_id(schema: Mapping[str, Any]) -> bool:
    """Whether a JSON Schema is that of an id."""
    kinds = schema.get("anyOf", (schema,))
    return any(each.get("pattern") in _ID_PATTERNS for each in kinds)


class Reading:
    """One operation that reads, with its ids: in the address, after the question mark."""

    def __init__(self, path: str, told: Mapping[str, Any]) -> None:
        self.path = path
        parameters = told.get("parameters", ())
        self._in_path = [each["name"] for each in parameters if each["in"] == "path"]
        self.ids = [each["name"] for each in parameters if is_id(each["schema"])]

    def address(
        self, own: Mapping[str, str], other: Mapping[str, str]
    ) -> tuple[str, dict[str, str]]:
        """Where to ask for what is `own`, but for some `other` ids; and what to ask there."""
        values = {**{name: own[name] for name in self._in_path}, **other}
        params = {name: value for name, value in other.items() if name not in self._in_path}
        return self.path.format(**values), params


def readings(document: Mapping[str, Any]) -> Iterator[Reading]:
    """Every operation that reads, for somebody known."""
    for path, item in document["paths"].items():
        told = item.get("get")
        if told is not None and "security" in told:
            yield Reading(path, told)
