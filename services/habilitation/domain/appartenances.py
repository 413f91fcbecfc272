"""Who joins a group, leaves it, moves to another: from when to when, and what forbids it.

Days are days of Paris; an end is the first day on which a membership gives nothing.
Source: domain.md § 2.2, § 2.3 [seed 000][seed 002][seed 003].
"""

from datetime import date

from services.habilitation.domain.convention import Convention
from services.habilitation.domain.droits import Demandeur, Titre, titres
from services.habilitation.domain.errors import (
    DateInvalid,
    GroupeOver,
    NotForOneself,
    NotPermitted,
    UserUnknown,
)
from services.habilitation.domain.errors_appartenances import (
    AccountOver,
    AlreadyMember,
    DebutPast,
    EndsBefore,
    FinPast,
    NotMember,
    TooManyAppartenances,
)
from services.habilitation.domain.groupe import Groupe
from services.habilitation.domain.membre import Appartenance, Membre
from services.habilitation.domain.personne import Personne
from shared.contracts.conventions import MOST_APPARTENANCES, MOST_PASSEES

ABOVE_ADMINISTRATEURS = frozenset({Titre.AGENT, Titre.AGENT_GESTIONNAIRE, Titre.ADMINISTRATEUR})
"""Who may touch the membership of an administrateur; whom he delegates to may not (assumed)."""


def check_touch(
    demandeur: Demandeur, convention: Convention, groupe: Groupe, user_id: str, day: date
) -> None:
    """Let who manages a group touch the membership of that person. Raises NotPermitted."""
    held = titres(demandeur, convention, groupe, day)
    if convention.is_administrateur(user_id) and not held & ABOVE_ADMINISTRATEURS:
        raise NotPermitted


def check_not_oneself(asked_by: str, user_id: str) -> None:
    """Nobody gives himself a right. Raises NotForOneself."""
    if asked_by == user_id:
        raise NotForOneself


def check_account(personne: Personne | None, convention_id: str, debut: date) -> None:
    """A person of that convention, whose account is not closed when the membership begins.

    Raises: UserUnknown, also while identity has not told of the account; AccountOver
    """
    if personne is None or personne.is_agent or personne.convention_id != convention_id:
        raise UserUnknown
    if personne.is_over(debut):
        raise AccountOver


def check_dates(debut: date, fin: date | None, day: date) -> None:
    """It begins today or later, and ends after that. Raises DebutPast, DateInvalid."""
    if debut < day:
        raise DebutPast
    if fin is not None and fin <= debut:
        raise DateInvalid


def join(membre: Membre, groupe: Groupe, joining: Appartenance, day: date) -> Membre:
    """The person, in one more group; that no second profile comes with it is checked elsewhere.

    Raises: GroupeOver, AlreadyMember, TooManyAppartenances
    """
    if not groupe.goes_on(max(joining.debut, day)):
        raise GroupeOver
    going_on = membre.going_on(day)
    if any(each.groupe_id == groupe.id and each.overlaps(joining) for each in going_on):
        raise AlreadyMember
    if len(going_on) >= MOST_APPARTENANCES:
        raise TooManyAppartenances
    return settled(membre.changed(appartenances=(*membre.appartenances, joining)), day)


def leave(membre: Membre, groupe_id: str, *, fin: date, par: str, day: date) -> Membre:
    """The person, out of a group from `fin` on; what was to begin after that never does.

    Raises: FinPast, NotMember, EndsBefore
    """
    if fin < day:
        raise FinPast
    own = [each for each in membre.going_on(day) if each.groupe_id == groupe_id]
    if not own:
        raise NotMember
    cut = [each for each in own if each.fin is None or fin < each.fin]
    if not cut:
        raise EndsBefore
    kept = (each.ended(fin, par) if each in cut else each for each in membre.appartenances)
    real = tuple(each for each in kept if each.debut <= day or not each.is_empty)
    return settled(membre.changed(appartenances=real), day)


def held_at(membre: Membre, groupe_id: str, day: date) -> Appartenance:
    """The membership of a group that covers that day. Raises NotMember."""
    for each in membre.appartenances:
        if each.groupe_id == groupe_id and each.holds(day):
            return each
    raise NotMember


def settled(membre: Membre, day: date) -> Membre:
    """The same, told as it is that day: what has begun, what is over, of which only the newest."""
    noted = [each.told_at(day) for each in membre.appartenances]
    over = sorted((each for each in noted if each.is_over(day)), key=lambda each: each.fin or day)
    going_on = (each for each in noted if not each.is_over(day))
    return membre.changed(appartenances=(*over[-MOST_PASSEES:], *going_on))
