"""Rates and percentiles, computed the same way for both sides."""

from collections.abc import Sequence

MIDDLE = 0.9
"""The share of the work that counts: neither the start nor the end (assumed)."""


def middle_rate(moments_s: Sequence[float]) -> float:
    """Events per second over the middle 90 % of these moments.

    Units: moments in seconds of any clock
    """
    ordered = sorted(moments_s)
    edge = int(len(ordered) * (1 - MIDDLE) / 2)
    first, last = ordered[edge], ordered[-edge - 1]
    return (len(ordered) - 2 * edge - 1) / max(last - first, 1e-3)


def curve_rate(points: Sequence[tuple[float, int]], total: int) -> float:
    """Units per second over the middle 90 % of a counter that was looked at from time to time.

    Shapes: `points` are (moment in seconds, counted so far), in order; ends at `total`
    """
    edge = total * (1 - MIDDLE) / 2
    started, ended = _reached(points, edge), _reached(points, total - edge)
    return (total - 2 * edge) / max(ended - started, 1e-3)


def _reached(points: Sequence[tuple[float, int]], wanted: float) -> float:
    """When the counter reached a value, on the line between two looks."""
    before_at, before = points[0]
    for at, count in points:
        if count >= wanted:
            share = (wanted - before) / (count - before) if count > before else 1.0
            return before_at + (at - before_at) * share
        before_at, before = at, count
    raise ValueError("the counter never reached its total")


def percentile(values: Sequence[float], share: float) -> float:
    """The value that a share of all do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
