"""How far a long command is: a moving line on a terminal, a line now and then elsewhere."""

import sys
import time
from typing import TextIO

TERMINAL_S = 0.2
ELSEWHERE_S = 5.0
"""Time between two lines (assumed): fluid for a person, sparse in a file."""


def number(count: int) -> str:
    """A number as French people read it: thousands apart."""
    return f"{count:,}".replace(",", "\u202f")


class Progress:
    """Counts what is done, in all and per second, on stdout."""

    def __init__(self, label: str, total: int | None = None, out: TextIO | None = None) -> None:
        self._label = label
        self._total = total
        self._out = sys.stdout if out is None else out
        self._moving = self._out.isatty()
        self._started = self._told = time.monotonic()
        self.count = 0

    def advance(self, count: int) -> None:
        """Note that much more is done."""
        self.count += count
        now = time.monotonic()
        if now - self._told >= (TERMINAL_S if self._moving else ELSEWHERE_S):
            self._told = now
            self._tell("\r" if self._moving else "", "" if self._moving else "\n")

    def close(self) -> None:
        """Say where it ended."""
        self._tell("\r" if self._moving else "", "\n")

    def _tell(self, before: str, after: str) -> None:
        elapsed = max(time.monotonic() - self._started, 1e-3)
        total = "" if self._total is None else f" / {number(self._total)}"
        rate = number(round(self.count / elapsed))
        line = f"{self._label} : {number(self.count)}{total} ({rate}/s)"
        self._out.write(f"{before}{line.ljust(78) if self._moving else line}{after}")
        self._out.flush()
