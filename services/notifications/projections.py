"""The copies of others' facts that this service keeps."""

from collections.abc import Mapping
from typing import Any

from services.notifications.domain.destinataire import Destinataire
from shared.calendrier import start_of
from shared.contracts.comptes import EtatCompte
from shared.contracts.identity import (
    PasswordChanged,
    PasswordReset,
    UserClosed,
    UserCreated,
    UserMailChanged,
    UserOpened,
    UserReopened,
    UserSnapshot,
    UserUpdated,
)
from shared.contracts.topics import USER_LIFECYCLE
from shared.mongo.projection import Projection

Etat = (
    UserCreated
    | UserOpened
    | UserUpdated
    | UserMailChanged
    | UserClosed
    | UserReopened
    | UserSnapshot
)
"""The facts that carry the whole state of a person after them."""


def _document(fact: Etat | PasswordChanged | PasswordReset) -> tuple[str, Mapping[str, Any]]:
    match fact:
        case PasswordChanged():
            return fact.user_id, {"personnalisee": fact.generation}
        case PasswordReset():
            return fact.user_id, {"emise": fact.generation}
        case _:
            return fact.user_id, {**_person(fact), **_more(fact)}


def _person(fact: Etat) -> Mapping[str, Any]:
    return {
        "mail": fact.mail,
        "nom": fact.nom,
        "prenom": fact.prenom,
        "etat": fact.etat,
        "clos_le": _closed_at(fact),
        "genre": fact.genre,
        "caf": fact.caf,
        "convention_id": fact.convention_id,
    }


def _more(fact: Etat) -> Mapping[str, Any]:
    match fact:
        case UserCreated():
            return {"created_by": fact.created_by}
        case UserMailChanged():
            return {"mail_depuis": fact.at, **_worthless(fact.generation)}
        case UserClosed():
            return _worthless(fact.generation)
        case UserSnapshot() if fact.created_by is not None:
            return {"emise": fact.generation, "created_by": fact.created_by}
        case UserSnapshot():
            return {"emise": fact.generation}
        case _:
            return {}


def _worthless(generation: int | None) -> Mapping[str, Any]:
    """Temporary passwords up to that one open nothing any more; before any, nothing is told."""
    return {} if generation is None else {"personnalisee": generation}


def _closed_at(fact: Etat) -> Any:
    if fact.etat != EtatCompte.CLOTURE:
        return None
    if isinstance(fact, UserClosed) or fact.cloture is None:
        return fact.at
    return start_of(fact.cloture)


DESTINATAIRES = Projection(
    collection=Destinataire.COLLECTION,
    topic=USER_LIFECYCLE,
    owner="identity",
    facts=(
        UserCreated,
        UserOpened,
        UserUpdated,
        UserMailChanged,
        UserClosed,
        UserReopened,
        UserSnapshot,
        PasswordChanged,
        PasswordReset,
    ),
    document=_document,
)
