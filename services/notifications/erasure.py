"""Personal data that nobody needs any more is erased, a set at a time, in the background.

Content and addresses of a mail go with its end, in the decision that ends it. What is left after
the retention: the rows of ended mails and of their attempts, what the copies tell of closed persons
and the addresses refused for them. What numbers facts (`reactions`, `seq` and the generations of a
copy) names nobody and stays, for a fact read again must not act twice; so does who opened the
account, which no later fact tells and which a reopening needs.
"""

import asyncio
from datetime import datetime, timedelta

import structlog

from services.notifications.domain.adresse import Adresse
from services.notifications.domain.destinataire import DernierSecret, Destinataire
from services.notifications.domain.envoi import Envoi
from services.notifications.domain.tentative import Tentative
from services.notifications.ports import Process
from services.notifications.store import CLOSED, ENDED
from shared.mongo.client import Store, StoreError

log = structlog.get_logger(__name__)

_PERSONAL = ("mail", "mail_depuis", "nom", "prenom", "genre", "caf", "convention_id", "clos_le")
"""What a copy tells of a person, and what it is found by; a reopening tells all of it again."""
EVERY_S = 5.0
"""How often it is looked for (assumed): two looks into an index."""
SET = 1_000
"""Documents erased at once (assumed): well below a second of mongod."""


async def erase_for_ever(process: Process, retention_days: int) -> None:
    """Erase what is old enough, until cancelled; any number of processes may."""
    retention = timedelta(days=retention_days)
    while True:
        try:
            before = process.clock.now() - retention
            mails = await erase_mails(process.store, before)
            people = await erase_people(process.store, before)
        except StoreError as error:
            log.warning("erasing_waits", error=type(error).__name__)
        else:
            if mails or people:
                log.info("erased", mails=mails, people=people)
            if SET in (mails, people):
                continue
        await asyncio.sleep(EVERY_S)


async def erase_mails(store: Store, before: datetime) -> int:
    """Erase some mails that ended before a moment, their attempts first; returns how many."""
    envois = store.collection(Envoi.COLLECTION)
    ended = {**ENDED, "ended_at": {"$type": "date", "$lt": before}}
    rows = await envois.find(ended, {"attempts": 1}).limit(SET).to_list(None)
    if not rows:
        return 0
    attempts = [f"{row['_id']}/{n}" for row in rows for n in range(1, row["attempts"] + 1)]
    await store.collection(Tentative.COLLECTION).delete_many({"_id": {"$in": attempts}})
    await envois.delete_many({**ended, "_id": {"$in": [row["_id"] for row in rows]}})
    return len(rows)


async def erase_people(store: Store, before: datetime) -> int:
    """Erase what the copies tell of some persons whose account was closed before a moment.

    The copy goes last: should this be cut, they are found again. Returns how many.
    """
    copies = store.collection(Destinataire.COLLECTION)
    closed = {**CLOSED, "clos_le": {"$type": "date", "$lt": before}}
    rows = await copies.find(closed, {"_id": 1}).limit(SET).to_list(None)
    if not rows:
        return 0
    ids = {"_id": {"$in": [row["_id"] for row in rows]}}
    await store.collection(Adresse.COLLECTION).delete_many(ids)
    await store.collection(DernierSecret.COLLECTION).delete_many(ids)
    await copies.update_many({**closed, **ids}, {"$unset": dict.fromkeys(_PERSONAL, "")})
    return len(rows)
