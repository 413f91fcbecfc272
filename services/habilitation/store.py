"""What habilitation reads of its store besides documents by key, with the indexes that serve it."""

from collections.abc import AsyncIterator
from datetime import datetime

from services.habilitation.domain.convention import Convention
from services.habilitation.domain.groupe import Groupe
from services.habilitation.domain.membre import Membre
from services.habilitation.domain.recit import convention_fact, groupe_fact, membre_fact
from shared.calendrier import day_of, start_of
from shared.contracts.conventions import EtatConvention
from shared.contracts.envelope import Snapshot
from shared.contracts.habilitation import (
    AppartenancesSnapshot,
    ConventionSnapshot,
    GroupeSnapshot,
)
from shared.contracts.habilitation_commands import (
    ApplyAppartenanceDates,
    ApplyConventionDates,
    ApplyGroupeDates,
)
from shared.mongo.client import Store
from shared.mongo.documents import to_document
from shared.path.decision import Document
from shared.service import Due

COLLECTIONS = ("conventions", "sirets", "groupes", "codes", "membres", "demandes", "personnes")


async def create_indexes(store: Store) -> None:
    """Indexes for lists, for what is due, for what rights are read by."""
    await _by(store, "conventions", "caf", "organisme_cherche", "_id")
    await _by(store, "conventions", "etat", "validee", "ouverture")
    await _by(store, "conventions", "etat", "cloture")
    await _by(store, "groupes", "convention_id", "code_cherche", "_id")
    await store.collection("groupes").create_index("responsable_id")
    await _by(store, "groupes", "ouverture_dite", "ouverture")
    await _by(store, "groupes", "cloture_dite", "cloture")
    await store.collection("membres").create_index("appartenances.groupe_id")
    await _by(store, "membres", "convention_id", "appartenances.fin")
    await _by(store, "membres", "appartenances.debut_dit", "appartenances.debut")
    await _by(store, "membres", "appartenances.fin_dite", "appartenances.fin")
    await _by(store, "personnes", "convention_id", "nom_cherche", "prenom_cherche", "_id")


async def _by(store: Store, collection: str, *fields: str) -> None:
    await store.collection(collection).create_index([(field, 1) for field in fields])


# --- what is due ----------------------------------------------------------------------------------


async def due(store: Store, now: datetime) -> AsyncIterator[Due]:
    """What the scheduler asks: the days that came and are not told."""
    for kind in (due_conventions, due_groupes, due_membres):
        async for each in kind(store, now):
            yield each


async def due_conventions(store: Store, now: datetime) -> AsyncIterator[Due]:
    """The conventions whose opening or closing day has come and is not told.

    The convention's number in its life is part of what the command is about: a date that is moved
    is asked anew.
    """
    day = day_of(now)
    came = {"$lte": day.isoformat()}
    waits = {"etat": EtatConvention.A_SIGNER, "validee": True, "ouverture": came}
    goes_on = {"$in": [each for each in EtatConvention if each is not EtatConvention.CLOTUREE]}
    for query, field in ((waits, "ouverture"), ({"etat": goes_on, "cloture": came}, "cloture")):
        async for row in store.collection("conventions").find(query, {"seq": 1}):
            yield Due(
                f"apply_convention_{field}",
                f"{row['_id']}/{row['seq']}",
                start_of(day),
                ApplyConventionDates(convention_id=row["_id"], day=day),
            )


async def due_groupes(store: Store, now: datetime) -> AsyncIterator[Due]:
    """The groups whose opening or closing day has come and is not told; asked anew if moved."""
    day = day_of(now)
    for field in ("ouverture", "cloture"):
        query = {f"{field}_dite": False, field: {"$lte": day.isoformat()}}
        fields = {"convention_id": 1, "seq": 1}
        async for row in store.collection("groupes").find(query, fields):
            yield Due(
                f"apply_groupe_{field}",
                f"{row['_id']}/{row['seq']}",
                start_of(day),
                ApplyGroupeDates(convention_id=row["convention_id"], groupe_id=row["_id"], day=day),
            )


async def due_membres(store: Store, now: datetime) -> AsyncIterator[Due]:
    """The people of whom a membership begins or is over, and nobody told.

    Their number in their life is part of what the command is about: a day that is moved is asked
    anew, and a person of whom both came is asked once.
    """
    day = day_of(now)
    came = {"$lte": day.isoformat()}
    begins = {"appartenances": {"$elemMatch": {"debut_dit": False, "debut": came}}}
    is_over = {"appartenances": {"$elemMatch": {"fin_dite": False, "fin": came}}}
    fields = {"seq": 1, "convention_id": 1}
    async for row in store.collection("membres").find({"$or": [begins, is_over]}, fields):
        yield Due(
            "apply_appartenance_dates",
            f"{row['_id']}/{row['seq']}",
            start_of(day),
            ApplyAppartenanceDates(convention_id=row["convention_id"], user_id=row["_id"], day=day),
        )


# --- what is told again ---------------------------------------------------------------------------


async def snapshots(store: Store, now: datetime) -> AsyncIterator[tuple[Document, Snapshot]]:
    """The state of everything that habilitation tells of, at a moment of the platform."""
    for kind in (snapshots_of_conventions, snapshots_of_groupes, snapshots_of_membres):
        async for each in kind(store, now):
            yield each


async def snapshots_of_conventions(
    store: Store, now: datetime
) -> AsyncIterator[tuple[Document, Snapshot]]:
    """The present state of every convention."""
    async for row in store.collection("conventions").find({}).sort("_id", 1):
        convention = to_document(row, Convention)
        yield convention, convention_fact(ConventionSnapshot, convention, at=now)


async def snapshots_of_groupes(
    store: Store, now: datetime
) -> AsyncIterator[tuple[Document, Snapshot]]:
    """The present state of every group, deleted ones included: they are over for good."""
    async for row in store.collection("groupes").find({}).sort("_id", 1):
        groupe = to_document(row, Groupe)
        yield groupe, groupe_fact(GroupeSnapshot, groupe, at=now)


async def snapshots_of_membres(
    store: Store, now: datetime
) -> AsyncIterator[tuple[Document, Snapshot]]:
    """The present memberships of everybody."""
    async for row in store.collection("membres").find({}).sort("_id", 1):
        membre = to_document(row, Membre)
        yield membre, membre_fact(AppartenancesSnapshot, membre, at=now)
