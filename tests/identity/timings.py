"""Whether two series of durations can be told apart (reliability G-22)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import NormalDist, median

ALIKE_S = 0.005
"""Medians closer than that tell nobody anything (G-22)."""
P = 0.01
"""Nor do series of which a rank test says nothing at this level (G-22)."""


@dataclass(frozen=True)
class Difference:
    """What two series of durations tell: how far their medians are apart, and the rank test's p."""

    median_s: float
    p: float

    @property
    def is_alike(self) -> bool:
        """Both conditions of G-22."""
        return self.median_s < ALIKE_S and self.p > P

    def __str__(self) -> str:
        """As a report has it."""
        return f"{self.median_s * 1000:.2f} ms, p = {self.p:.3f}"


def difference(one: Sequence[float], other: Sequence[float]) -> Difference:
    """How two series differ."""
    return Difference(abs(median(one) - median(other)), rank_test(one, other))


def rank_test(one: Sequence[float], other: Sequence[float]) -> float:
    """The two-sided p of Mann and Whitney's U, by the normal approximation, ties corrected."""
    ranked = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    total, before, ties = 0.0, 0, 0
    for _, same in groupby(ranked, key=lambda pair: pair[0]):
        members = list(same)
        rank = before + (len(members) + 1) / 2
        total += rank * sum(which == 0 for _, which in members)
        ties += len(members) ** 3 - len(members)
        before += len(members)
    count, left, right = len(ranked), len(one), len(other)
    mean = left * (count + 1) / 2
    variance = left * right / 12 * (count + 1 - ties / (count * (count - 1)))
    if not variance:
        return 1.0
    z = max(0.0, abs(total - mean) - 0.5) / math.sqrt(variance)
    return 2 * (1 - NormalDist().cdf(z))
