"""The documents by which rights are decided: named in two rounds, put together for the decision."""

from datetime import date
from typing import Any

from services.habilitation.domain.convention import Convention
from services.habilitation.domain.droits import Demandeur
from services.habilitation.domain.groupe import Groupe
from services.habilitation.domain.membre import Membre
from services.habilitation.domain.personne import Personne
from shared.errors import Outdated
from shared.path.decision import D, Key, State
from shared.security.principal import ActorKind, Principal


def keys(principal: Principal, convention_id: str, groupe_id: str | None = None) -> list[Key[Any]]:
    """What is known from the request: who asks, which convention, which group."""
    named: list[Key[Any]] = [Personne.key_of(principal.id), Convention.key_of(convention_id)]
    if principal.kind is ActorKind.PARTENAIRE and groupe_id is not None:
        named.append(Membre.key_of(principal.id))  # for AFAS-HABILITER
    if groupe_id is not None:
        named.append(Groupe.key_of(groupe_id))
    return named


def more_keys(principal: Principal, state: State, day: date) -> list[Key[Any]]:
    """What the first round tells of: the groups that who asks belongs to."""
    return [Groupe.key_of(each) for each in _own_groupes(principal, state, day)]


def demandeur(principal: Principal, state: State, day: date) -> Demandeur:
    """Who asks, with what was loaded of him.

    His memberships may have been loaded for another command of the same group, without the groups
    that they name: this one has no need of them.
    """
    own = map(Groupe.key_of, _own_groupes(principal, state, day))
    groupes = (state.get(each) for each in own if each in state)
    return Demandeur(
        principal,
        state.get(Personne.key_of(principal.id)),
        tuple(each for each in groupes if each is not None and each.is_open(day)),
    )


def look(state: State, key: Key[D]) -> D | None:
    """A document known only from another.

    Raises Outdated where that one was changed since, by a command just before of the same group.
    """
    if key not in state:
        raise Outdated
    return state.get(key)


def _own_groupes(principal: Principal, state: State, day: date) -> tuple[str, ...]:
    key = Membre.key_of(principal.id)
    membre = state.get(key) if key in state else None
    return () if membre is None else membre.groupes(day)
