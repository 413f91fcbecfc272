"""Raw records as the client library gives them."""

from dataclasses import dataclass
from typing import Any

from shared.contracts.envelope import Message
from tests.shared.tiny import envelope

Headers = tuple[tuple[str, bytes | None], ...]


@dataclass
class RawRecord:
    """A record; only what a test is about needs to be said."""

    value: bytes | None = b"{}"
    headers: Headers = ()
    topic: str = "t1.mcp.tiny.commands"
    partition: int = 2
    offset: int = 7
    timestamp: int = 1_772_442_900_000
    timestamp_type: int = 0
    key: bytes | None = b"c1"
    serialized_key_size: int = 2
    serialized_value_size: int = 2


def record_of(message: Message, id: str = "m1", *, own: Headers = (), **more: Any) -> RawRecord:
    """The record of a message; `own` headers follow those of its envelope."""
    given = {"value": message.to_json(), "key": message.key.encode(), **more}
    return RawRecord(headers=(*envelope(message, id), *own), **given)
