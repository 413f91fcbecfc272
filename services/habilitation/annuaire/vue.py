"""What an actor sees of a convention, as `droits` says of each of its groups."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from services.habilitation.domain import lecture
from services.habilitation.domain.convention import Convention
from services.habilitation.domain.droits import (
    Demandeur,
    Operation,
    check_convention,
    check_groupe,
)
from services.habilitation.domain.errors import ConventionUnknown, GroupeUnknown, NotPermitted
from services.habilitation.domain.groupe import Groupe
from services.habilitation.domain.membre import Membre
from services.habilitation.domain.personne import Personne
from shared.contracts.conventions import NatureGroupe
from shared.errors import Refusal
from shared.mongo.client import Store
from shared.mongo.documents import load, to_document
from shared.path.decision import Key, State
from shared.security.principal import Principal

_AFAS = (NatureGroupe.AFAS_HABILITER, NatureGroupe.AFAS_DECLARER)


@dataclass(frozen=True)
class Vue:
    """An actor before a convention: `groupes` are those he sees, None where he sees them all."""

    demandeur: Demandeur
    convention: Convention
    day: date
    groupes: frozenset[str] | None

    @property
    def sees_all(self) -> bool:
        """Whether he sees the whole convention: agent of its Caf, or administrateur."""
        return self.groupes is None

    @property
    def manages_nothing(self) -> bool:
        """Whether he sees no group: a mere user, who reads of himself only."""
        return self.groupes is not None and not self.groupes

    def sees(self, groupe: Groupe) -> bool:
        """Whether he sees a group."""
        own = groupe.convention_id == self.convention.id and not groupe.supprime
        return own and (self.groupes is None or groupe.id in self.groupes)

    def check_groupe(self, groupe: Groupe | None) -> Groupe:
        """The group, if he sees it. Raises GroupeUnknown."""
        if groupe is None or not self.sees(groupe):
            raise GroupeUnknown
        return groupe

    def actions(self, groupe: Groupe) -> tuple[Operation, ...]:
        """What he may do to a group now, as a screen offers it."""
        return tuple(each for each in Operation if self._may(each, groupe))

    def _may(self, operation: Operation, groupe: Groupe) -> bool:
        try:
            check_groupe(self.demandeur, operation, self.convention, groupe, self.day)
        except Refusal:
            return False
        return True


async def look_up(store: Store, *keys: Key[Any]) -> State:
    """Documents by key, as last committed."""
    return State(await load(store, keys))


async def look(
    store: Store, principal: Principal, day: date, convention_id: str | None = None
) -> tuple[Demandeur, Convention | None]:
    """Who asks, and a convention if one is meant, whether or not it is his."""
    own: list[Key[Any]] = [Personne.key_of(principal.id), Membre.key_of(principal.id)]
    meant = Convention.key_of(convention_id or "")
    state = await look_up(store, *own, meant)
    state.add(await load(store, lecture.more_keys(principal, state, day)))
    return lecture.demandeur(principal, state, day), state.get(meant)


async def vue_of(store: Store, principal: Principal, convention_id: str, day: date) -> Vue:
    """What he sees of a convention. Raises ConventionUnknown where it is not his, NotPermitted."""
    demandeur, convention = await look(store, principal, day, convention_id)
    if convention is None:
        check_convention(demandeur, Operation.CONSULTER, None, day)
        raise ConventionUnknown
    try:
        check_convention(demandeur, Operation.CONSULTER, convention, day)
    except NotPermitted:
        if not demandeur.is_partner(day):
            raise
        managed = await _managed(store, demandeur, convention, day)
        return Vue(demandeur, convention, day, managed)
    return Vue(demandeur, convention, day, None)


async def _managed(
    store: Store, demandeur: Demandeur, convention: Convention, day: date
) -> frozenset[str]:
    """The groups that somebody sees who is no administrateur."""
    ways = {"$or": [{"responsable_id": demandeur.principal.id}, {"nature": {"$in": list(_AFAS)}}]}
    query = {"convention_id": convention.id, "supprime": False, **ways}
    rows = await store.collection(Groupe.COLLECTION).find(query).to_list(None)
    whole = Vue(demandeur, convention, day, None)
    groupes = (to_document(row, Groupe) for row in rows)
    return frozenset(each.id for each in groupes if Operation.CONSULTER in whole.actions(each))
