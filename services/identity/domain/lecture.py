"""The documents by which rights are decided: named in two rounds, put together for the decision."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from services.identity.domain.compte import Acteur, Compte
from services.identity.domain.copies import Convention, Groupe, Membre
from services.identity.domain.droits import Demandeur, Personne
from shared.path.decision import D, Key, State
from shared.security.principal import ActorKind, Principal


def keys(
    principal: Principal,
    *,
    user_id: str | None = None,
    convention_id: str | None = None,
    groupes: Iterable[str] = (),
) -> list[Key[Any]]:
    """What is known from the request: who asks, whose account, which convention and groups."""
    named: list[Key[Any]] = [Acteur.key_of(principal.id)]
    people = [principal.id]
    if user_id is not None:
        named.append(Compte.key_of(user_id))
        people.append(user_id)
    if principal.kind is ActorKind.PARTENAIRE:  # an agent's rights hang on no group
        named += [Membre.key_for(each) for each in people]
    if convention_id is not None:
        named.append(Convention.key_of(convention_id))
    return [*named, *(Groupe.key_for(each) for each in groupes)]


def more_keys(
    principal: Principal, state: State, day: date, *, user_id: str | None = None
) -> list[Key[Any]]:
    """What the first round tells of: the conventions of both, the groups that they belong to."""
    people = [principal.id, *([] if user_id is None else [user_id])]
    owners: list[Acteur | Compte | None] = [_get(state, Acteur.key_of(principal.id))]
    if user_id is not None:
        owners.append(_get(state, Compte.key_of(user_id)))
    conventions = {each.convention_id for each in owners if each and each.convention_id}
    groupes = {id for each in people for id in _groupes_of(state, each, day)}
    return [
        *(Convention.key_of(each) for each in sorted(conventions)),
        *(Groupe.key_for(each) for each in sorted(groupes)),
    ]


def demandeur(principal: Principal, state: State, day: date) -> Demandeur:
    """Who asks, with what was loaded of him."""
    acteur = _get(state, Acteur.key_of(principal.id))
    groupes = (_get(state, Groupe.key_for(each)) for each in _groupes_of(state, principal.id, day))
    return Demandeur(
        principal,
        acteur,
        _convention(state, acteur),
        tuple(each for each in groupes if each is not None and each.is_open(day)),
    )


def personne(state: State, user_id: str, day: date) -> Personne | None:
    """Whose account it is, with what was loaded of it; closed groups count no more."""
    compte = state.get(Compte.key_of(user_id))
    if compte is None:
        return None
    groupes = [_get(state, Groupe.key_for(each)) for each in _groupes_of(state, user_id, day)]
    current = tuple(each for each in groupes if each is None or each.goes_on(day))
    return Personne(compte, _convention(state, compte), current)


def _convention(state: State, owner: Acteur | Compte | None) -> Convention | None:
    if owner is None or owner.convention_id is None:
        return None
    return _get(state, Convention.key_of(owner.convention_id))


def _groupes_of(state: State, user_id: str, day: date) -> tuple[str, ...]:
    membre = _get(state, Membre.key_for(user_id))
    return () if membre is None else membre.groupes(day)


def _get(state: State, key: Key[D]) -> D | None:
    """A document of which an agent's decision has no need is not loaded."""
    return state.get(key) if key in state else None
