"""How old a projection may be: its place in the topic, and what its owner has not published yet."""

import time
from collections.abc import Callable

from shared.contracts.platform import ProcessBeat

SILENCE_S = 15.0
"""Three missed heartbeats: an owner that says nothing may hold anything back (assumed)."""


class Staleness:
    """The staleness of the projection of one owner's topic.

    Seconds since the projection was last at the end of the topic, plus the age of the owner's
    oldest unpublished row as its heartbeats tell it; an owner that fell silent counts from its
    last word.
    """

    def __init__(self, owner: str, now: Callable[[], float] = time.monotonic) -> None:
        self._owner = owner
        self._now = now
        self._behind_since = now()
        self._owner_pending_s = 0.0
        self._last_beat = now()

    def saw_lag(self, records: int) -> None:
        """Note how many records are still ahead of the projection."""
        if records == 0:
            self._behind_since = self._now()

    def heard(self, beat: ProcessBeat) -> None:
        """Take in a heartbeat of the owner."""
        if beat.service == self._owner:
            self._owner_pending_s = beat.oldest_pending_s
            self._last_beat = self._now()

    def seconds(self) -> float:
        """How old what the projection says may be."""
        silence = self._now() - self._last_beat
        unheard = silence if silence > SILENCE_S else 0.0
        return (self._now() - self._behind_since) + max(self._owner_pending_s, unheard)
