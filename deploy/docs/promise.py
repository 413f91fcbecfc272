"""The promise of a published message, held against everything published before."""

import json
from collections.abc import Callable, Mapping

from pydantic import ValidationError

from deploy.docs.compatibility import schema_breaks, topic_breaks
from deploy.docs.generated import ASYNCAPI, SCHEMAS
from deploy.docs.history import Earlier, History
from shared.contracts.asyncapi import asyncapi_document
from shared.contracts.catalogue import ALL_MESSAGES
from shared.contracts.schemas import message_schema

EXAMPLES = "shared/contracts/examples"
PUBLISHED = (SCHEMAS, ASYNCAPI, EXAMPLES)
"""What git is asked for."""

ACCEPTED: Mapping[str, str] = {}
"""Breaks that were agreed upon: the line of the check → why nobody is hurt by it.

A message that leaves once no consumer is left belongs here; a mistake does not.
"""


def broken_promises(history: History, accepted: Mapping[str, str] = ACCEPTED) -> list[str]:
    """What the present contracts break of what was published, a line each, without repeats."""
    lines = [line for earlier in history.texts for line in _broken(earlier)]
    return sorted(set(lines) - accepted.keys())


def _broken(earlier: Earlier) -> list[str]:
    folder, _, name = earlier.path.rpartition("/")
    try:
        if earlier.path == ASYNCAPI:
            return topic_breaks(json.loads(earlier.text), asyncapi_document())
        judge: Callable[[str, str], list[str]] = {SCHEMAS: _schema, EXAMPLES: _example}[folder]
        type = name.removesuffix(".json")
        return [f"{type}: {line}" for line in judge(type, earlier.text)]
    except (KeyError, ValueError) as error:  # not one of ours, or not JSON
        return [f"{earlier.path}: earlier version not understood ({error!r})"]


def _schema(type: str, text: str) -> list[str]:
    model = ALL_MESSAGES.get(type)
    if model is None:
        return ["message removed"]
    return schema_breaks(json.loads(text), message_schema(model))


def _example(type: str, text: str) -> list[str]:
    """Sees what a schema cannot say: rules written in Python."""
    model = ALL_MESSAGES.get(type)
    if model is None:
        return []  # told of its schema
    try:
        model.model_validate_json(text)
    except ValidationError:
        return ["an earlier example is no longer accepted"]
    return []
