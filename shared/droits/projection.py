"""The copy of accounts, conventions, groups and memberships that a service embeds to decide.

    Service(…, projections=(*PROJECTIONS, …))       # app.py; migrations call `create_collections`

Three collections, one for each topic. No name and no address of anybody is kept.
"""

from collections.abc import Mapping
from typing import Any

from shared.contracts import habilitation, identity
from shared.contracts.topics import CONVENTIONS, ROLE_ASSIGNMENTS, USER_LIFECYCLE
from shared.droits import dossier
from shared.mongo.client import Store
from shared.mongo.projection import Projection

COMPTES_DROITS = "droits_comptes"
CONVENTIONS_DROITS = "droits_conventions"
HABILITATIONS_DROITS = "droits_habilitations"
"""Groups and memberships share one collection, which one topic fills: their ids have a prefix."""
COLLECTIONS = (COMPTES_DROITS, CONVENTIONS_DROITS, HABILITATIONS_DROITS)
GROUPE, MEMBRE = "groupe/", "membre/"

_COMPTE = {"genre", "etat", "convention_id", "caf", "fonctions", "ouverture", "cloture"}
_CONVENTION = {
    "organisme",
    "caf",
    "gestion_deleguee",
    "etat",
    "administrateurs",
    "ouverture",
    "validee",
    "cloture",
    "contrat",
    "services",
    "motif",
    "suspension",
    "reprise",
}
_GROUPE = {
    "convention_id",
    "code",
    "libelle",
    "nature",
    "responsable_id",
    "ouverture",
    "cloture",
    "role",
    "role_attribue",
    "role_retire",
}
_MEMBRE = {"convention_id", "appartenances", "passees"}
_ADDED_BY = {name: {"__all__": {"par"}} for name in ("appartenances", "passees")}
"""Who put people in groups: it decides nothing."""
_WORDS = {"missions", "finalite", "fondement", "destinataires"}
"""What a profile is granted for: texts that decide nothing."""

Row = Mapping[str, Any]


def _compte(fact: Any) -> tuple[str, Row]:
    return fact.user_id, fact.model_dump(mode="json", include=_COMPTE)


def _convention(fact: Any) -> tuple[str, Row]:
    left_out = {"services": {"__all__": {"profils": {"__all__": _WORDS}}}}
    told = fact.model_dump(mode="json", include=_CONVENTION, exclude=left_out)
    return fact.convention_id, told


def _habilitation(fact: Any) -> tuple[str, Row]:
    if hasattr(fact, "appartenances"):
        told = fact.model_dump(mode="json", include=_MEMBRE, exclude=_ADDED_BY)
        return MEMBRE + fact.user_id, told
    return GROUPE + fact.groupe_id, fact.model_dump(mode="json", include=_GROUPE)


PROJECTIONS = (
    Projection(
        collection=COMPTES_DROITS,
        topic=USER_LIFECYCLE,
        owner=identity.SERVICE,
        facts=(
            identity.UserCreated,
            identity.UserOpened,
            identity.UserUpdated,
            identity.UserMailChanged,
            identity.UserClosed,
            identity.UserReopened,
            identity.UserSnapshot,
        ),
        document=_compte,
    ),
    Projection(
        collection=CONVENTIONS_DROITS,
        topic=CONVENTIONS,
        owner=habilitation.SERVICE,
        facts=(
            habilitation.ConventionRegistered,
            habilitation.ConventionPresented,
            habilitation.ConventionOpened,
            habilitation.ConventionUpdated,
            habilitation.ConventionSuspended,
            habilitation.ConventionResumed,
            habilitation.ConventionClosed,
            habilitation.AdministrateurDesignated,
            habilitation.AdministrateurRelieved,
            habilitation.ServiceOpened,
            habilitation.ServiceUpdated,
            habilitation.ServiceSuspended,
            habilitation.ServiceResumed,
            habilitation.ServiceClosed,
            habilitation.ConventionSnapshot,
        ),
        document=_convention,
    ),
    Projection(
        collection=HABILITATIONS_DROITS,
        topic=ROLE_ASSIGNMENTS,
        owner=habilitation.SERVICE,
        facts=(
            habilitation.GroupeOpened,
            habilitation.GroupeUpdated,
            habilitation.GroupeStarted,
            habilitation.GroupeClosed,
            habilitation.GroupeReopened,
            habilitation.GroupeDeleted,
            habilitation.RoleAssigned,
            habilitation.RoleWithdrawn,
            habilitation.GroupeSnapshot,
            habilitation.AppartenanceAdded,
            habilitation.AppartenanceEnded,
            habilitation.AppartenanceMoved,
            habilitation.AppartenanceStarted,
            habilitation.AppartenanceLapsed,
            habilitation.AppartenanceRefused,
            habilitation.AppartenancesSnapshot,
        ),
        document=_habilitation,
    ),
)
"""What a service adds to its own."""


async def create_indexes(store: Store) -> None:
    """Indexes that serve the lists of who has access; a service's migration makes them."""
    habilitations = store.collection(HABILITATIONS_DROITS)
    await habilitations.create_index([("convention_id", 1), ("_id", 1)])
    await store.collection(CONVENTIONS_DROITS).create_index([("caf", 1), ("_id", 1)])
    await store.collection(COMPTES_DROITS).create_index([("genre", 1), ("_id", 1)])


def compte_of(row: Row) -> dossier.Compte:
    """An account, of its document."""
    return dossier.read_compte({**row, "id": row["_id"]})


def convention_of(row: Row) -> dossier.Convention:
    """A convention, of its document."""
    return dossier.read_convention({**row, "id": row["_id"]})


def groupe_of(row: Row) -> dossier.Groupe:
    """A group, of its document."""
    return dossier.read_groupe({**row, "id": row["_id"].removeprefix(GROUPE)})


def membre_of(row: Row) -> dossier.Membre:
    """Memberships, of their document: those that go on, then those that are told to be over."""
    held = [*row["appartenances"], *(row.get("passees") or ())]
    id = row["_id"].removeprefix(MEMBRE)
    return dossier.read_membre({**row, "id": id, "appartenances": held})
