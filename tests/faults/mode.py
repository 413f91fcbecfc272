"""How hard the suite pushes: `FAULTS=short` (default, part of `make test`) or `FAULTS=full`."""

import os
from typing import TypeVar

T = TypeVar("T")

FULL = os.environ.get("FAULTS", "short") == "full"


def pick(*, short: T, full: T) -> T:
    """The value for the mode of this run."""
    return full if FULL else short
