"""Figures: ours, the other's, and their ratio, always turned so that higher is better."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any

SIGNIFICANT = 4


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One line of the results.

    `spread`: lowest and highest round of each side; `bar`: the ratio to reach, None where the
    figure is only reported; `beside`: the bare loop, the peer, or the limit; `notes`: sentences,
    in French.
    """

    name: str
    ours: float
    beside: float | None
    unit: str
    ratio: float | None
    bar: float | None
    broker: str
    rounds: int
    spread: dict[str, list[float]]
    notes: list[str]
    at: str

    @property
    def reached(self) -> bool | None:
        """Whether the bar is reached; None where there is none."""
        return None if self.bar is None or self.ratio is None else self.ratio >= self.bar

    def as_json(self) -> dict[str, Any]:
        """The figure as `results.json` keeps it."""
        return asdict(self)


def compare(
    name: str,
    ours: Sequence[float],
    beside: Sequence[float],
    unit: str,
    *,
    bar: float | None,
    broker: str,
    lower_is_better: bool = False,
    notes: Sequence[str] = (),
) -> Figure:
    """The medians of the rounds of both sides; with nobody beside, ours are only reported."""
    a = median(ours)
    b = median(beside) if beside else None
    ratio = None if b is None else b / a if lower_is_better else a / b
    return Figure(
        name=name,
        ours=_rounded(a),
        beside=None if b is None else _rounded(b),
        unit=unit,
        ratio=None if ratio is None else _rounded(ratio),
        bar=None if ratio is None else bar,
        broker=broker,
        rounds=len(ours),
        spread={
            side: _range(values) for side, values in (("ours", ours), ("beside", beside)) if values
        },
        notes=list(notes),
        at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def against_limit(
    name: str,
    ours: Sequence[float],
    limit: float,
    unit: str,
    *,
    broker: str,
    bar: float | None = 1.0,
    notes: Sequence[str] = (),
) -> Figure:
    """A figure that must stay below a limit: the ratio is limit / ours."""
    return compare(
        name, ours, [limit], unit, bar=bar, broker=broker, lower_is_better=True, notes=notes
    )


def _rounded(value: float) -> float:
    return float(f"{value:.{SIGNIFICANT}g}")


def _range(values: Sequence[float]) -> list[float]:
    return [_rounded(min(values)), _rounded(max(values))]
