"""The copies of habilitation's facts that identity keeps, to decide who may do what to whom.

Services of a convention and roles of groups say nothing of that: their facts are left out. A group
refused at a creation is told with the memberships that there are: without it, the groups asked for
would count for ever.
"""

from collections.abc import Mapping
from typing import Any

from services.identity.domain.copies import Convention, Groupe, Membre
from shared.contracts import habilitation
from shared.contracts.topics import CONVENTIONS, ROLE_ASSIGNMENTS
from shared.mongo.projection import Projection

_CONVENTION_FIELDS = frozenset(Convention.model_fields) - {"id", "version", "seq"}
_GROUPE_FIELDS = frozenset(Groupe.model_fields) - {"id", "version", "seq"}
_MEMBRE_FIELDS = frozenset(Membre.model_fields) - {"id", "version", "seq"}


def _convention(fact: Any) -> tuple[str, Mapping[str, Any]]:
    kept: dict[str, Any] = fact.model_dump(mode="json", include=_CONVENTION_FIELDS)
    return fact.convention_id, kept


def _droit(fact: Any) -> tuple[str, Mapping[str, Any]]:
    """A group, or the memberships of a person."""
    if hasattr(fact, "appartenances"):
        membre: dict[str, Any] = fact.model_dump(mode="json", include=_MEMBRE_FIELDS)
        return Membre.key_for(fact.user_id).id, membre
    groupe: dict[str, Any] = fact.model_dump(mode="json", include=_GROUPE_FIELDS)
    return Groupe.key_for(fact.groupe_id).id, groupe


PROJECTIONS = (
    Projection(
        collection=Convention.COLLECTION,
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
            habilitation.ConventionSnapshot,
        ),
        document=_convention,
    ),
    Projection(
        collection=Groupe.COLLECTION,
        topic=ROLE_ASSIGNMENTS,
        owner=habilitation.SERVICE,
        facts=(
            habilitation.GroupeOpened,
            habilitation.GroupeUpdated,
            habilitation.GroupeStarted,
            habilitation.GroupeClosed,
            habilitation.GroupeReopened,
            habilitation.GroupeDeleted,
            habilitation.GroupeSnapshot,
            habilitation.AppartenanceAdded,
            habilitation.AppartenanceEnded,
            habilitation.AppartenanceMoved,
            habilitation.AppartenanceStarted,
            habilitation.AppartenanceLapsed,
            habilitation.AppartenanceRefused,
            habilitation.AppartenancesSnapshot,
        ),
        document=_droit,
    ),
)
