"""The limit of dead letters: a bad release must stop, not empty a topic."""

from collections import deque
from collections.abc import Callable, Iterable

import structlog

from shared.observability import metrics
from shared.path.work import Outcome

log = structlog.get_logger(__name__)

WINDOW = 400
"""How many of the last records count (assumed)."""


class DeadLetterLimit:
    """Counts parked records among the last ones handled; calls `on_reached` once, for good."""

    def __init__(self, limit: int, on_reached: Callable[[], None]) -> None:
        self._limit = limit
        self._on_reached = on_reached
        self._last: deque[bool] = deque(maxlen=WINDOW)
        self.reached = False

    def count(self, outcomes: Iterable[Outcome]) -> None:
        """Take in what became of a poll."""
        self._last.extend(outcome.status == "dead" and outcome.first for outcome in outcomes)
        if not self.reached and sum(self._last) >= self._limit:
            self.reached = True
            metrics.DEAD_LETTER_LIMIT.set(1)
            log.critical("dead_letter_limit_reached", limit=self._limit, window=WINDOW)
            self._on_reached()
