"""The administrateurs of a convention: a principal, an optional suppléant [seed 000][seed 003].

Only the Caf designates, replaces, relieves them. While AFAS is open they belong to AFAS-HABILITER.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from services.habilitation.domain import afas
from services.habilitation.domain.convention import Administrateur, Convention
from services.habilitation.domain.designation import Nomme
from services.habilitation.domain.errors_contrat import (
    AlreadyAdministrateur,
    NotAdministrateur,
    OldNotAdministrateur,
    RangTaken,
)
from services.habilitation.domain.membre import Membre
from services.habilitation.domain.recit import tell_convention
from shared.calendrier import day_of
from shared.contracts.conventions import Rang
from shared.contracts.habilitation import AdministrateurDesignated, AdministrateurRelieved
from shared.path.decision import Decision, Key, State

LIBELLES = {Rang.PRINCIPAL: "principal", Rang.SUPPLEANT: "suppléant"}
"""As the seeds call them [seed 000]."""


def keys(convention_id: str, people: Iterable[str]) -> list[Key[Any]]:
    """What else is needed where somebody becomes administrateur or is it no longer."""
    return [*map(Membre.key_of, people), *afas.code_keys(convention_id)]


def designate(
    convention: Convention, nomme: Nomme, rang: Rang, state: State, *, by: str, now: datetime
) -> Decision:
    """One more administrateur: there is one of each rang, so two at most.

    Writes:  conventions, membres, groupes, demandes
    Tells:   AdministrateurDesignated, AccountRequested; AppartenanceAdded
    Raises:  ConventionToOpen, AlreadyAdministrateur, RangTaken, UserUnknown, AccountNotOpen,
             AccountExists
    """
    _check_new(convention, nomme)
    if any(each.rang is rang for each in convention.administrateurs):
        raise RangTaken(rang=LIBELLES[rang])
    return _designated(convention, nomme, rang, state, by=by, now=now)


def replace(
    convention: Convention, ancien_id: str, nomme: Nomme, state: State, *, by: str, now: datetime
) -> Decision:
    """One administrateur for another, of the same rang, at once [seed 001][seed 002].

    Writes:  conventions, membres, groupes, demandes
    Tells:   AdministrateurRelieved, AdministrateurDesignated, AccountRequested;
             AppartenanceEnded, AppartenanceAdded
    Raises:  OldNotAdministrateur, and what `designate` raises
    """
    ancien = _found(convention, ancien_id)
    if ancien is None:
        raise OldNotAdministrateur
    _check_new(convention, nomme)
    relieved = relieve(convention, ancien_id, state, by=by, now=now)
    left = _without(convention, ancien_id)
    return afas.both(relieved, _designated(left, nomme, ancien.rang, state, by=by, now=now))


def relieve(
    convention: Convention,
    user_id: str,
    state: State,
    *,
    by: str,
    now: datetime,
    refus: str | None = None,
) -> Decision:
    """Somebody is administrateur no longer; `refus` is why identity made no account for him.

    Writes:  conventions, membres
    Tells:   AdministrateurRelieved; AppartenanceEnded
    Raises:  NotAdministrateur
    """
    if _found(convention, user_id) is None:
        raise NotAdministrateur
    left = _without(convention, user_id)
    told = tell_convention(AdministrateurRelieved, left, at=now, user_id=user_id, refus=refus)
    out = afas.leave(convention.id, user_id, state, by=by, now=now)
    return afas.both(Decision((left,), (told,)), out)


def _designated(
    convention: Convention, nomme: Nomme, rang: Rang, state: State, *, by: str, now: datetime
) -> Decision:
    nomme.check(convention, state, day_of(now))
    named = Administrateur(user_id=nomme.user_id, rang=rang, depuis=now)
    after = convention.changed(administrateurs=(*convention.administrateurs, named))
    told = tell_convention(AdministrateurDesignated, after, at=now, user_id=nomme.user_id)
    requested = nomme.account_requested(after, state, by=by, now=now)
    decision = afas.both(Decision((after,), (told,)), requested)
    habiliter = afas.groupe_of(convention.id, afas.HABILITER, state)
    if habiliter is None:
        return decision
    joined = afas.join(habiliter, [nomme.user_id], state, by=by, now=now)
    return afas.both(decision, joined)


def _check_new(convention: Convention, nomme: Nomme) -> None:
    if convention.is_administrateur(nomme.user_id):
        raise AlreadyAdministrateur


def _found(convention: Convention, user_id: str) -> Administrateur | None:
    return next((each for each in convention.administrateurs if each.user_id == user_id), None)


def _without(convention: Convention, user_id: str) -> Convention:
    left = tuple(each for each in convention.administrateurs if each.user_id != user_id)
    return convention.changed(administrateurs=left)
