"""The documents by which rights are decided: named in two rounds, put together for the decision."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from services.identity.domain.compte import Acteur, Compte
from services.identity.domain.copies import Convention, Groupe, Membre
from services.identity.domain.droits import Demandeur, Personne
from shared.contracts.comptes import EtatCompte
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
    owners: list[Acteur | Compte | None] = [_get(state, Acteur.key_of(principal.id))]
    if user_id is not None:
        owners.append(_get(state, Compte.key_of(user_id)))
    conventions = {each.convention_id for each in owners if each and each.convention_id}
    groupes = {*_own_groupes(state, principal, day)}
    if user_id is not None:
        groupes |= {*_groupes_of(state, user_id, day)}
    return [
        *(Convention.key_of(each) for each in sorted(conventions)),
        *(Groupe.key_for(each) for each in sorted(groupes)),
    ]


def demandeur(principal: Principal, state: State, day: date) -> Demandeur:
    """Who asks, with what was loaded of him."""
    acteur = _get(state, Acteur.key_of(principal.id))
    groupes = (_get(state, Groupe.key_for(each)) for each in _own_groupes(state, principal, day))
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
    convention = _convention(state, compte)
    return Personne(compte.of_caf(convention), convention, current)


def groupes_of(compte: Compte, membre: Membre | None, day: date) -> tuple[str, ...]:
    """The groups by which an account is somebody's to look after.

    Those asked for until habilitation has told of the person; those of its opening day before it
    opens; once closed, those that it belonged to until then: who closed it may reopen it (assumed).
    """
    if membre is None:
        return compte.groupes_demandes
    if compte.cloture is not None and compte.etat_at(day) is EtatCompte.CLOTURE:
        return membre.groupes_left(compte.cloture)
    return membre.groupes(max(day, compte.ouverture))


def _convention(state: State, owner: Acteur | Compte | None) -> Convention | None:
    if owner is None or owner.convention_id is None:
        return None
    return _get(state, Convention.key_of(owner.convention_id))


def _own_groupes(state: State, principal: Principal, day: date) -> tuple[str, ...]:
    """The groups that who asks belongs to today; an agent's rights hang on none."""
    if principal.kind is not ActorKind.PARTENAIRE:
        return ()
    membre = _get(state, Membre.key_for(principal.id))
    return () if membre is None else membre.groupes(day)


def _groupes_of(state: State, user_id: str, day: date) -> tuple[str, ...]:
    compte, key = _get(state, Compte.key_of(user_id)), Membre.key_for(user_id)
    if compte is None or key not in state:  # an agent's rights hang on no group
        return ()
    return groupes_of(compte, state.get(key), day)


def _get(state: State, key: Key[D]) -> D | None:
    """A document of which an agent's decision has no need is not loaded."""
    return state.get(key) if key in state else None
