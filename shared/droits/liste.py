"""Who has access to a service: a page at a time, from the store, in an order that holds.

    page = await who_has_access(store, CodeService.CDAP, day, caf="931", limit=50)
    page = await who_has_access(store, CodeService.CDAP, day, caf="931", after=page.after)

By convention, then by account; private landlords come last. Each person listed was decided by the
same chain as any other decision.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, Self

from shared.contracts.comptes import GenreCompte
from shared.contracts.conventions import CodeService
from shared.droits.chaine import Decision, decide
from shared.droits.lecture import read
from shared.droits.projection import (
    COMPTES_DROITS,
    CONVENTIONS_DROITS,
    GROUPE,
    HABILITATIONS_DROITS,
    MEMBRE,
)
from shared.mongo.client import Store

CHUNK = 200
"""People looked at together (assumed): a few pages, one reading."""
CONVENTIONS = 100
"""Conventions looked at together (assumed)."""
BAILLEURS = "~"
"""Where private landlords are: after every number of a convention."""
_ONLY_GROUPES = {"$gte": GROUPE, "$lt": GROUPE + "~"}


class Place(NamedTuple):
    """A place in the list: a convention and a person of it."""

    convention_id: str = ""
    user_id: str = ""

    def text(self) -> str:
        """As the next request gives it back."""
        return "/".join(self)

    @classmethod
    def parse(cls, text: str) -> Self:
        """A place that was given back; anything else is some place of the list, or its end."""
        convention_id, _, user_id = text.partition("/")
        return cls(convention_id, user_id)


@dataclass(frozen=True, slots=True)
class Habilite:
    """Somebody who has access, and by what."""

    user_id: str
    convention_id: str | None
    decision: Decision


@dataclass(frozen=True, slots=True)
class Page:
    """Some of those who have access; `after` asks for those that follow, None: there are none."""

    habilites: tuple[Habilite, ...]
    after: str | None


async def who_has_access(
    store: Store,
    service: str,
    day: date,
    *,
    caf: str | None = None,
    convention_id: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page:
    """A page of those who have access on a day: of one convention, of one Caf, or of all."""
    place = Place() if after is None else Place.parse(after)
    found: list[Habilite] = []
    async for places in _candidates(store, service, caf, convention_id, place):
        lu = await read(store, [each.user_id for each in places])
        for each in places:
            decision = decide(lu.dossier(each.user_id), service, day)
            if decision.is_granted:
                numero = None if each.convention_id == BAILLEURS else each.convention_id
                found.append(Habilite(each.user_id, numero, decision))
            if len(found) == limit:
                return Page(tuple(found), each.text())
    return Page(tuple(found), None)


async def _candidates(
    store: Store, service: str, caf: str | None, convention_id: str | None, after: Place
) -> AsyncIterator[Sequence[Place]]:
    async for conventions in _conventions(store, service, caf, convention_id, after):
        async for places in _members(store, service, conventions, after):
            yield places
    if service == CodeService.BAILLEUR and convention_id is None:
        async for places in _bailleurs(store, caf, after):
            yield places


async def _conventions(
    store: Store, service: str, caf: str | None, convention_id: str | None, after: Place
) -> AsyncIterator[Sequence[str]]:
    ids: dict[str, Any] = {"$gte": after.convention_id}
    if convention_id is not None:
        ids["$eq"] = convention_id
    which: dict[str, Any] = {"_id": ids, "services.service": service}
    if caf is not None:
        which["caf"] = caf
    cursor = store.collection(CONVENTIONS_DROITS).find(which, {"_id": 1}).sort("_id", 1)
    while rows := await cursor.to_list(CONVENTIONS):
        yield [row["_id"] for row in rows]


async def _members(
    store: Store, service: str, conventions: Sequence[str], after: Place
) -> AsyncIterator[Sequence[Place]]:
    """Members of the groups of a service, in these conventions."""
    collection = store.collection(HABILITATIONS_DROITS)
    of_service = {
        "convention_id": {"$in": list(conventions)},
        "_id": _ONLY_GROUPES,
        "role.service": service,
    }
    groupes = [
        row["_id"].removeprefix(GROUPE) async for row in collection.find(of_service, {"_id": 1})
    ]
    if not groupes:
        return
    first, *others = conventions
    of_first: dict[str, Any] = {"convention_id": first, "_id": {"$gt": _start(first, after)}}
    of_others = {"convention_id": {"$in": others}, "_id": {"$gt": MEMBRE}}
    for which in (of_first, of_others):
        cursor = collection.find(
            {**which, "appartenances.groupe_id": {"$in": groupes}},
            {"convention_id": 1},
            batch_size=CHUNK,
        ).sort([("convention_id", 1), ("_id", 1)])
        while rows := await cursor.to_list(CHUNK):
            yield [Place(row["convention_id"], row["_id"].removeprefix(MEMBRE)) for row in rows]


def _start(convention_id: str, after: Place) -> str:
    return MEMBRE + (after.user_id if convention_id == after.convention_id else "")


async def _bailleurs(store: Store, caf: str | None, after: Place) -> AsyncIterator[Sequence[Place]]:
    start = after.user_id if after.convention_id == BAILLEURS else ""
    which: dict[str, Any] = {"genre": GenreCompte.BAILLEUR.value, "_id": {"$gt": start}}
    if caf is not None:
        which["caf"] = caf
    comptes = store.collection(COMPTES_DROITS)
    cursor = comptes.find(which, {"_id": 1}, batch_size=CHUNK).sort("_id", 1)
    while rows := await cursor.to_list(CHUNK):
        yield [Place(BAILLEURS, row["_id"]) for row in rows]
