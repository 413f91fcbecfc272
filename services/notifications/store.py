"""The store of mails: which are due and to whom they are lent, with the indexes that serve it.

A lease (`bail`) is on the stored mail and not in the aggregate: taking it moves no version, so it
stands in no writer's way, and every write of the aggregate, such as the record of an attempt,
takes away what the aggregate does not know and thereby ends it. Its end is judged by mongod's
`$$NOW` alone.
"""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, cast

from services.notifications.domain.adresse import Adresse
from services.notifications.domain.destinataire import Connus, DernierSecret, Destinataire
from services.notifications.domain.envoi import A_ESSAYER, OUVERTS, Envoi
from services.notifications.domain.tentative import Tentative
from shared.mongo.client import Store
from shared.mongo.documents import Loaded, load, to_document
from shared.path.decision import Key

COLLECTIONS = tuple(
    model.COLLECTION for model in (Envoi, Tentative, DernierSecret, Destinataire, Adresse)
)

_OPEN = {"etat": {"$in": sorted(OUVERTS)}}
_TO_TRY = {"etat": {"$in": sorted(A_ESSAYER)}}
DUE_INDEX = ("etat", 1), ("next_attempt_at", 1)
FIRST_INDEX = ("campagne_id", 1), *DUE_INDEX
"""Serves the look for the mails of no campaign, which do not wait behind those of one."""
OF_NO_CAMPAIGN: Mapping[str, Any] = {"campagne_id": None}
EXPIRY_INDEX = ("etat", 1), ("expires_at", 1)
ENDED = {"ended_at": {"$type": "date"}}
OF_A_CAMPAIGN = {"campagne_id": {"$type": "string"}}
CLOSED = {"clos_le": {"$type": "date"}}
_UNLEASED = {"$expr": {"$lt": ["$bail.fin", "$$NOW"]}}
"""Never lent (nothing sorts before any date), or the lease is over."""


def of_campaign(campagne_id: str) -> Mapping[str, Any]:
    """The mails of a campaign, so that their index serves."""
    return {"campagne_id": {"$type": "string", "$eq": campagne_id}}


async def create_indexes(store: Store) -> None:
    """The indexes of the mails that wait, of those that ended, of a campaign, of a person."""
    envois = store.collection(Envoi.COLLECTION)
    await envois.create_index(list(DUE_INDEX), partialFilterExpression=_TO_TRY)
    await envois.create_index(list(FIRST_INDEX), partialFilterExpression=_TO_TRY)
    await envois.create_index(list(EXPIRY_INDEX), partialFilterExpression=_OPEN, name="a_perimer")
    await envois.create_index("ended_at", partialFilterExpression=ENDED)
    await envois.create_index(
        [("campagne_id", 1), ("etat", 1)], partialFilterExpression=OF_A_CAMPAIGN
    )
    await envois.create_index([("user_id", 1), ("created_at", -1)])
    await store.collection(Destinataire.COLLECTION).create_index(
        "clos_le", partialFilterExpression=CLOSED
    )


async def lease_due(
    store: Store,
    *,
    token: str,
    now: datetime,
    lease_s: float,
    most: int,
    but: Collection[str],
    campaigns: bool = True,
) -> list[Envoi]:
    """Borrow the mails that are due; nobody else gets them meanwhile.

    Those of no campaign first, a password waits behind none; then, if `campaigns`, whatever is
    due. Within each look, the longest due first.

    Units:   `lease_s` in seconds of mongod's clock; `now` of the platform's clock
    Shapes:  at most `most` mails, none of the ids `but`; `token` names this lease
    """
    due: dict[str, Any] = {**_TO_TRY, "next_attempt_at": {"$lte": now}, **_UNLEASED}
    ids = await _find(store, {**due, **OF_NO_CAMPAIGN}, most, but)
    if campaigns and len(ids) < most:
        ids += await _find(store, due, most - len(ids), [*but, *ids])
    if not ids:
        return []
    envois = store.collection(Envoi.COLLECTION)
    end = {"$add": ["$$NOW", round(lease_s * 1000)]}
    await envois.update_many(
        {**due, "_id": {"$in": ids}}, [{"$set": {"bail": {"jeton": token, "fin": end}}}]
    )
    rows = await envois.find({"_id": {"$in": ids}, "bail.jeton": token}).to_list(None)
    mine = {row["_id"]: to_document(row, Envoi) for row in rows}
    return [mine[id] for id in ids if id in mine]


async def _find(store: Store, due: Mapping[str, Any], most: int, but: Collection[str]) -> list[str]:
    """The ids of the mails due longest."""
    query = {**due, "_id": {"$nin": list(but)}}
    found = store.collection(Envoi.COLLECTION).find(query, {"_id": 1})
    return [row["_id"] async for row in found.sort("next_attempt_at", 1).limit(most)]


async def give_back(store: Store, *, token: str, ids: Iterable[str]) -> None:
    """End a lease on mails that were not even tried."""
    await store.collection(Envoi.COLLECTION).update_many(
        {"_id": {"$in": list(ids)}, "bail.jeton": token}, {"$unset": {"bail": ""}}
    )


async def postpone(store: Store, *, token: str, id: str, until: datetime) -> None:
    """End a lease on a mail that was not tried, and lend it to nobody until its turn.

    Like the lease, it moves no version: who writes the mail meanwhile makes it due as he says.
    """
    await store.collection(Envoi.COLLECTION).update_one(
        {"_id": id, "bail.jeton": token},
        {"$set": {"next_attempt_at": until, "a_son_tour": True}, "$unset": {"bail": ""}},
    )


async def load_connus(store: Store, envois: Collection[Envoi]) -> Mapping[str, Connus]:
    """What is known of those whom these mails concern, by mail."""
    people = {each.user_id for each in envois}
    sujets = {each.sujet_id for each in envois if each.sujet_id is not None}
    keys: set[Key[Any]] = {Destinataire.key_of(id) for id in people | sujets}
    known = await load(store, keys | {Adresse.key_of(id) for id in people})
    return {each.id: _connus(each, known) for each in envois}


def _connus(envoi: Envoi, known: Loaded) -> Connus:
    sujet = None if envoi.sujet_id is None else known[Destinataire.key_of(envoi.sujet_id)]
    return Connus(
        cast("Destinataire | None", known[Destinataire.key_of(envoi.user_id)]),
        cast("Destinataire | None", sujet),
        cast("Adresse | None", known[Adresse.key_of(envoi.user_id)]),
    )


async def find_expired(store: Store, now: datetime) -> AsyncIterator[tuple[str, datetime]]:
    """The mails that still wait though what they carry is no longer valid: id and expiry."""
    expired: dict[str, Any] = {**_OPEN, "expires_at": {"$lte": now}}
    rows = store.collection(Envoi.COLLECTION).find(expired, {"expires_at": 1})
    async for row in rows.sort("expires_at", 1):
        yield row["_id"], row["expires_at"]
