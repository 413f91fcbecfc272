"""Dossiers read from the copy in the store: two rounds, however many people."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, TypeVar

from shared.droits.dossier import Compte, Convention, Dossier, Groupe, Membre
from shared.droits.projection import (
    COMPTES_DROITS,
    CONVENTIONS_DROITS,
    GROUPE,
    HABILITATIONS_DROITS,
    MEMBRE,
    compte_of,
    convention_of,
    groupe_of,
    membre_of,
)
from shared.mongo.client import Store

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Personne(NamedTuple):
    """What is read of one person."""

    compte: Compte | None
    membre: Membre | None


@dataclass(frozen=True)
class Lu:
    """What was read: None is what the store does not hold."""

    personnes: Mapping[str, Personne] = field(default_factory=dict)
    conventions: Mapping[str, Convention | None] = field(default_factory=dict)
    groupes: Mapping[str, Groupe | None] = field(default_factory=dict)

    def dossier(self, user_id: str) -> Dossier:
        """The dossier of somebody who was read."""
        return put_together(self.personnes[user_id], self.conventions, self.groupes)


class Held(Protocol[T_co]):
    """Where values are by id."""

    def __getitem__(self, id: str) -> T_co:
        """The value. Raises KeyError where there is none."""


def put_together(
    personne: Personne, conventions: Held[Convention | None], groupes: Held[Groupe | None]
) -> Dossier:
    """A dossier of its parts. Raises KeyError where one is not at hand."""
    compte, membre = personne
    numero = None if compte is None else compte.convention_id
    held = () if membre is None else membre.appartenances
    found = {each.groupe_id: groupes[each.groupe_id] for each in held}
    return Dossier(
        compte=compte,
        convention=None if numero is None else conventions[numero],
        membre=membre,
        groupes={id: groupe for id, groupe in found.items() if groupe is not None},
    )


async def read(store: Store, user_ids: Collection[str]) -> Lu:
    """Read the dossiers of these people, as last committed."""
    comptes, membres = await asyncio.gather(
        _found(store, COMPTES_DROITS, user_ids, compte_of),
        _found(store, HABILITATIONS_DROITS, user_ids, membre_of, MEMBRE),
    )
    numeros = {each.convention_id for each in _there(comptes) if each.convention_id is not None}
    ids = {held.groupe_id for each in _there(membres) for held in each.appartenances}
    conventions, groupes = await asyncio.gather(
        _found(store, CONVENTIONS_DROITS, numeros, convention_of),
        _found(store, HABILITATIONS_DROITS, ids, groupe_of, GROUPE),
    )
    personnes = {id: Personne(comptes[id], membres[id]) for id in user_ids}
    return Lu(personnes, conventions, groupes)


async def _found(
    store: Store,
    collection: str,
    ids: Iterable[str],
    of: Callable[[Mapping[str, Any]], T],
    prefix: str = "",
) -> dict[str, T | None]:
    found: dict[str, T | None] = dict.fromkeys(ids)
    if found:
        which = {"_id": {"$in": [prefix + id for id in found]}}
        async for row in store.collection(collection).find(which):
            found[row["_id"].removeprefix(prefix)] = of(row)
    return found


def _there(found: Mapping[str, T | None]) -> Iterable[T]:
    return (each for each in found.values() if each is not None)
