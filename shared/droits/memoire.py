"""Dossiers in memory: bounded in number of people, counted in bytes, never older than the store.

What mongod tells to have changed is forgotten at once and read again at the next decision. A
reading that was on its way when its document changed is not kept. Without news from mongod nothing
is kept, nothing is told.
"""

import sys
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from typing import Any, Generic, TypeVar

from shared.droits.dossier import Convention, Dossier, Groupe
from shared.droits.lecture import Lu, Personne, put_together
from shared.droits.projection import (
    COMPTES_DROITS,
    CONVENTIONS_DROITS,
    GROUPE,
    HABILITATIONS_DROITS,
    MEMBRE,
)
from shared.mongo.changes import Change

T = TypeVar("T")


class Reading:
    """A reading on its way, and what changed since it began."""

    def __init__(self, generation: int) -> None:
        self.generation = generation
        self.changed: set[str] = set()


class Memoire:
    """The dossiers of the people seen last; as many conventions and groups at most."""

    def __init__(self, most: int) -> None:
        self._personnes: _Shelf[Personne] = _Shelf(most)
        self._conventions: _Shelf[Convention | None] = _Shelf(most)
        self._groupes: _Shelf[Groupe | None] = _Shelf(most)
        self._readings: set[Reading] = set()
        self._generation = 0
        self.is_open = False

    def __len__(self) -> int:
        return len(self._personnes)

    @property
    def octets(self) -> int:
        """Bytes of what is kept, shared texts counted each time."""
        return self._personnes.octets + self._conventions.octets + self._groupes.octets

    def dossier(self, user_id: str) -> Dossier | None:
        """A person's dossier, or None where a part of it has to be read."""
        try:
            return put_together(self._personnes[user_id], self._conventions, self._groupes)
        except KeyError:
            return None

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """A reading of the store: what changes until it is kept is not kept."""
        reading = Reading(self._generation)
        self._readings.add(reading)
        try:
            yield reading
        finally:
            self._readings.discard(reading)

    def keep(self, reading: Reading, lu: Lu) -> None:
        """Keep what was read, but what changed meanwhile."""
        if not self.is_open or reading.generation != self._generation:
            return
        changed = reading.changed
        self._personnes.keep(lu.personnes, changed)
        self._conventions.keep(lu.conventions, changed)
        self._groupes.keep(lu.groupes, changed)

    def forget(self, changes: Iterable[Change]) -> None:
        """Forget what changed."""
        for collection, id in changes:
            if id is None:
                self.open()
                continue
            own = id.removeprefix(MEMBRE).removeprefix(GROUPE)
            for reading in self._readings:
                reading.changed.add(own)
            if collection == CONVENTIONS_DROITS:
                self._conventions.forget(own)
            elif collection == COMPTES_DROITS or id.startswith(MEMBRE):
                self._personnes.forget(own)
            elif collection == HABILITATIONS_DROITS:
                self._groupes.forget(own)

    def open(self) -> None:
        """Begin to keep: from now on, every change is told."""
        self.close()
        self.is_open = True

    def close(self) -> None:
        """Forget everything and keep nothing: changes may be missed."""
        self.is_open = False
        self._generation += 1
        for shelf in (self._personnes, self._conventions, self._groupes):
            shelf.clear()


class _Shelf(Generic[T]):
    """Values by id, at most so many; those asked for last stay."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[str, tuple[T, int]] = OrderedDict()
        self.octets = 0

    def __len__(self) -> int:
        return len(self._held)

    def __getitem__(self, id: str) -> T:
        found = self._held[id]
        self._held.move_to_end(id)
        return found[0]

    def keep(self, values: Mapping[str, T], changed: Collection[str]) -> None:
        for id, value in values.items():
            if id not in changed:
                self.forget(id)
                octets = weigh(id) + weigh(value)
                self._held[id] = value, octets
                self.octets += octets
        while len(self._held) > self._most:
            _, (_, octets) = self._held.popitem(last=False)
            self.octets -= octets

    def forget(self, id: str) -> None:
        found = self._held.pop(id, None)
        if found is not None:
            self.octets -= found[1]

    def clear(self) -> None:
        self._held.clear()
        self.octets = 0


def weigh(value: Any) -> int:
    """Bytes of a value and of its parts."""
    octets = sys.getsizeof(value)
    if is_dataclass(value):
        return octets + sum(weigh(getattr(value, each.name)) for each in fields(value))
    return octets + sum(map(weigh, value)) if isinstance(value, tuple) else octets
