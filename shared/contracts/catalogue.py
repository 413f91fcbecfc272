"""Every message of every service in one place: its model, its owner, its topic, its example."""

import json
from itertools import chain
from pathlib import Path
from typing import Any

from shared.contracts import habilitation, identity, notifications, platform
from shared.contracts.envelope import Message
from shared.contracts.topics import TOPICS, Topic

CONTRACTS = (habilitation, identity, notifications, platform)
EXAMPLES = Path(__file__).parent / "examples"

ALL_MESSAGES: dict[str, type[Message]] = {
    model.TYPE: model for model in chain.from_iterable(each.MESSAGES for each in CONTRACTS)
}
"""The published language: CloudEvents type → model."""


def owner_of(model: type[Message]) -> str:
    """The service that declares the message: who is asked, or who tells."""
    return model.TYPE.split(".")[1]


def topic_of(model: type[Message]) -> Topic:
    """The registered topic that carries the message."""
    return TOPICS[model.TOPIC]


def carried_by(topic: Topic) -> list[type[Message]]:
    """The messages of a topic, as declared; none for the private ones, which carry any record."""
    return [model for model in ALL_MESSAGES.values() if topic.name == model.TOPIC]


def example_of(model: type[Message]) -> dict[str, Any]:
    """The published example of a message, about invented people."""
    text = (EXAMPLES / f"{model.TYPE}.json").read_text(encoding="utf-8")
    body: dict[str, Any] = json.loads(text)
    return body
