"""What a bare program is told: one JSON object as its only argument."""

import json
import sys
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class BareSettings:
    """Where the servers are and what to read and write there."""

    bootstrap: str = ""
    fetch_max_wait_ms: int = 500
    mongo_uri: str = ""
    database: str = ""
    source: str = ""
    """Topic read."""
    target: str = ""
    """Topic written to."""
    group: str = ""
    max_records: int | None = None
    """Records of one poll at most; None takes all that arrived."""
    port: int = 0

    @classmethod
    def read(cls) -> Self:
        """The settings of this process."""
        return cls(**json.loads(sys.argv[1]))
