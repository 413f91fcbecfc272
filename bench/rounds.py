"""Rounds: ours and theirs alternate, each alone on the machine, never with a lag left over."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from bench.cpu import Cores, say_cores

T = TypeVar("T")


class Skipped(RuntimeError):
    """A row cannot be played on this machine; the message says why, in French."""


@dataclass(frozen=True)
class Measured(Generic[T]):
    """What one round of one side gave."""

    value: T
    cores: Cores


@dataclass
class Series(Generic[T]):
    """The rounds of one side."""

    rounds: list[Measured[T]] = field(default_factory=list)

    @property
    def values(self) -> list[T]:
        """What each round gave."""
        return [each.value for each in self.rounds]

    @property
    def said_cores(self) -> str:
        """The cores in use, in French."""
        return say_cores([each.cores for each in self.rounds])


Side = Callable[[], Awaitable[Measured[T]]]


async def alternate(rounds: int, *sides: Side[T]) -> list[Series[T]]:
    """Play the sides in turn, the other one first in every second round."""
    series: list[Series[T]] = [Series() for _ in sides]
    for number in range(rounds):
        order: Sequence[int] = range(len(sides))
        for index in order if number % 2 == 0 else reversed(order):
            series[index].rounds.append(await sides[index]())
    return series


def cores_notes(ours: Series[T], beside: Series[T]) -> list[str]:
    """What each side kept busy, for the reader who asks what bounds it."""
    notes = [f"Cœurs occupés pendant nos manches : {ours.said_cores}."]
    if beside.rounds:
        notes.append(f"Cœurs occupés pendant les manches d’en face : {beside.said_cores}.")
    return notes
