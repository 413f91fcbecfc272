"""A dead letter as an operator sees it: the record it was, where it was, why it is here."""

import base64
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.kafka.broker import Record
from shared.kafka.records import TOKEN

_ODD = re.compile(r"dl_b64_[0-9]+_(.*)", re.DOTALL)
"""How a dead letter keeps a header that is no text, or comes twice (shared/kafka/records.py)."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One dead letter.

    `id` is the place of the record: topic/partition/offset. `headers` are the record's own,
    `odd` those that were no text or came twice; `cut` tells that some were left out. `body_bytes`
    tells how long a body was that could not be kept.
    """

    id: str
    reason: str
    at: datetime
    release: str
    key: str | None
    headers: dict[str, str]
    odd: tuple[tuple[str, bytes], ...]
    cut: bool
    body: bytes | None
    body_bytes: int | None = None

    @property
    def topic(self) -> str:
        """The topic that the record was read from, without prefix."""
        return self.id.split("/", 1)[0]

    @classmethod
    def of(cls, record: Record) -> "DeadLetter | None":
        """The dead letter in a record of the dead-letter topic; None where it is none."""
        noted = {name: (value or b"").decode(errors="replace") for name, value in record.headers}
        place = [noted.get(f"dl_{part}") for part in ("topic", "partition", "offset")]
        if None in place:
            return None
        return cls(
            id="/".join(part or "" for part in place),
            reason=noted.get("dl_reason", ""),
            at=datetime.fromtimestamp(record.timestamp / 1000, UTC),
            release=noted.get("dl_release", ""),
            key=None if record.key is None else record.key.decode(errors="replace"),
            headers={
                name: value
                for name, value in noted.items()
                if not name.startswith("dl_") and name.lower() != TOKEN
            },
            odd=tuple(
                (found[1], base64.b64decode(value))
                for name, value in noted.items()
                if (found := _ODD.fullmatch(name)) is not None
            ),
            cut="dl_headers_cut" in noted,
            body=record.value,
            body_bytes=int(noted["dl_body_cut"]) if "dl_body_cut" in noted else None,
        )
