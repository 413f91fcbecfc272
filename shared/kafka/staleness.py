"""How old a projection may be: its place in the topic, and what its owner has not published yet."""

import math
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import NamedTuple

from shared.contracts.platform import ProcessBeat

SILENCE_S = 15.0
"""Three missed heartbeats: an owner that says nothing may hold anything back (assumed)."""
MOST_LOOKS = 60
"""Looks kept that the projection has not caught up with (assumed: a minute's). Of more, the oldest
are forgotten, so that it is told fresh later than it is, never earlier."""


class Place(NamedTuple):
    """Of a partition: where it ends, and how far it has been handled."""

    end: int
    handled: int


Places = Mapping[int, Place]
"""By partition."""


class Staleness:
    """The staleness of the projection of one owner's topic.

    Seconds since the moment up to which the projection has handled all that was in the topic, plus
    the age of the owner's oldest unpublished row as its heartbeats tell it; an owner that fell
    silent counts from its last word. A projection that always has something ahead, since facts
    come all the time, is as old as the look whose ends it has reached. Before the first look that
    it has caught up with, and before the owner's first word, nobody knows: it is infinitely old.
    """

    def __init__(self, owner: str, now: Callable[[], float] = time.monotonic) -> None:
        self._owner = owner
        self.now = now
        self._fresh_at = -math.inf
        self._looks: deque[tuple[float, dict[int, int]]] = deque(maxlen=MOST_LOOKS)
        self._owner_pending_s = 0.0
        self._last_beat = -math.inf

    def saw(self, places: Places, asked_at: float | None = None) -> None:
        """Note where the topic ends and how far the projection is.

        `asked_at`, by `now`: since then the topic may have grown; without it, asked just now.
        """
        at = self.now() if asked_at is None else asked_at
        self._looks.append((at, {number: place.end for number, place in places.items()}))
        while self._looks and _reached(self._looks[0][1], places):
            self._fresh_at, _ = self._looks.popleft()

    def heard(self, beat: ProcessBeat) -> None:
        """Take in a heartbeat of the owner."""
        if beat.service == self._owner:
            self._owner_pending_s = beat.oldest_pending_s
            self._last_beat = self.now()

    def seconds(self) -> float:
        """How old what the projection says may be."""
        silence = self.now() - self._last_beat
        unheard = silence if silence > SILENCE_S else 0.0
        return (self.now() - self._fresh_at) + max(self._owner_pending_s, unheard)


def _reached(ends: Mapping[int, int], places: Places) -> bool:
    return all(number in places and places[number].handled >= end for number, end in ends.items())
