"""The copy of identity's people that habilitation keeps: who acts, who is shown."""

from collections.abc import Mapping
from typing import Any

from services.habilitation.domain.personne import Personne
from shared.contracts import identity
from shared.contracts.topics import USER_LIFECYCLE
from shared.mongo.projection import Projection
from shared.recherche import searchable

_FIELDS = frozenset(Personne.model_fields) - {"id", "version", "seq", "connecte_le"}


def _personne(fact: Any) -> tuple[str, Mapping[str, Any]]:
    """The whole state of an account, or its last sign-in."""
    if isinstance(fact, identity.SignedIn):
        return fact.user_id, {"connecte_le": fact.at}
    kept: dict[str, Any] = fact.model_dump(mode="json", include=_FIELDS)
    cherche = {f"{name}_cherche": searchable(kept[name]) for name in ("nom", "prenom")}
    return fact.user_id, kept | cherche | {"fonctions": kept.get("fonctions") or []}


PERSONNES = Projection(
    collection=Personne.COLLECTION,
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
        identity.SignedIn,
    ),
    document=_personne,
)
