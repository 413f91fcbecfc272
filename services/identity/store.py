"""What identity reads of its store besides documents by key, with the indexes that serve it."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from services.identity.domain import compte as comptes
from services.identity.domain.compte import Compte
from services.identity.domain.copies import Convention
from services.identity.domain.session import SEEN_EVERY, Session
from shared.calendrier import day_of, start_of
from shared.contracts.comptes import EtatCompte
from shared.contracts.envelope import Snapshot
from shared.contracts.identity_commands import ApplyDates, ExpireTemporaryPassword
from shared.mongo.client import Store, is_duplicate_key
from shared.mongo.documents import to_document
from shared.path.decision import Document
from shared.service import Due

ASSERTION_KEPT_S = 600
"""A client assertion lives five minutes at most; its id is kept twice as long (assumed)."""
SESSION_KEPT_S = 24 * 3600
"""A session of 12 h at most is forgotten after a day (assumed)."""

COLLECTIONS = (
    "comptes",
    "identifiants",
    "adresses",
    "sessions",
    "amorces",
    "comptes_de_service",
    "assertions",
)


async def create_indexes(store: Store) -> None:
    """Indexes for the queries below; unique ones are a net under the reservations."""
    await store.collection("comptes").create_index("provisoire.expires_at", sparse=True)
    await store.collection("comptes").create_index("identifiant", unique=True)
    await store.collection("sessions").create_index("opened_at", expireAfterSeconds=SESSION_KEPT_S)
    await store.collection("assertions").create_index("at", expireAfterSeconds=ASSERTION_KEPT_S)


FREED_KEPT_S = 30 * 24 * 3600
"""An address that an account gave up is forgotten after 30 days (assumed)."""


async def create_list_indexes(store: Store) -> None:
    """Indexes for the lists (annuaire.py), for the days that come, for what rights are read by."""
    comptes, ordered = store.collection("comptes"), ("nom_cherche", "prenom_cherche", "_id")
    await comptes.create_index([(name, 1) for name in ("convention_id", *ordered)])
    await comptes.create_index([(name, 1) for name in ("caf", "genre", *ordered)])
    await comptes.create_index([("etat", 1), ("ouverture", 1)])
    await comptes.create_index([("etat", 1), ("cloture", 1)])
    await store.collection("conventions").create_index("caf")
    await store.collection("droits").create_index("responsable_id", sparse=True)
    await store.collection("droits").create_index([("convention_id", 1), ("nature", 1)])
    await store.collection("adresses").create_index("libre_depuis", expireAfterSeconds=FREED_KEPT_S)


async def due(store: Store, now: datetime) -> AsyncIterator[Due]:
    """What the scheduler asks: temporary passwords to expire, accounts to open and to close."""
    async for each in due_expiries(store, now):
        yield each
    async for each in due_dates(store, now):
        yield each


async def due_dates(store: Store, now: datetime) -> AsyncIterator[Due]:
    """The accounts whose opening or closing day has come and is not told.

    A command refused because its account had just changed is asked again: the account's number
    in its life is part of what the command is about. What stays due is asked again each day.
    """
    day = day_of(now)
    waiting = [EtatCompte.A_OUVRIR, EtatCompte.OUVERT]
    for query, field in (
        ({"etat": EtatCompte.A_OUVRIR, "ouverture": {"$lte": day.isoformat()}}, "ouverture"),
        ({"etat": {"$in": waiting}, "cloture": {"$lte": day.isoformat()}}, "cloture"),
    ):
        async for row in store.collection("comptes").find(query, {field: 1, "seq": 1}):
            yield Due(
                f"apply_{field}",
                f"{row['_id']}/{row['seq']}",
                start_of(day),
                ApplyDates(user_id=row["_id"], day=day),
            )


async def due_expiries(store: Store, now: datetime) -> AsyncIterator[Due]:
    """The temporary passwords that nobody used within their validity."""
    query = {"provisoire.expires_at": {"$lte": now}}
    fields = {"provisoire.generation": 1, "provisoire.expires_at": 1}
    async for row in store.collection("comptes").find(query, fields):
        provisoire: dict[str, Any] = row["provisoire"]
        yield Due(
            "expire_temporary_password",
            f"{row['_id']}/{provisoire['generation']}",
            provisoire["expires_at"],
            ExpireTemporaryPassword(user_id=row["_id"], generation=provisoire["generation"]),
        )


async def snapshots(store: Store, now: datetime) -> AsyncIterator[tuple[Document, Snapshot]]:
    """The state of every account, at a moment of the platform."""
    conventions = {
        row["_id"]: to_document(row, Convention)
        async for row in store.collection("conventions").find({})
    }
    async for row in store.collection("comptes").find({}).sort("_id", 1):
        compte = to_document(row, Compte)
        whole = compte.of_caf(conventions.get(compte.convention_id or ""))
        yield compte, comptes.snapshot(whole, at=now)


async def note_seen(store: Store, session: Session, now: datetime) -> None:
    """Note that a session is in use, at most once a minute."""
    if now - session.seen_at >= SEEN_EVERY:
        await store.collection("sessions").update_one(
            {"_id": session.id}, {"$max": {"seen_at": now}}
        )


async def use_assertion(store: Store, jti: str, now: datetime) -> bool:
    """Use up the id of a client assertion; False if it was used before."""
    try:
        await store.collection("assertions").insert_one({"_id": jti, "at": now})
    except Exception as error:
        if not is_duplicate_key(error):
            raise
        return False
    return True
