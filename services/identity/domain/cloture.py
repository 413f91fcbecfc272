"""The closing of an account, and its reopening: nothing is deleted [seed 002]."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from services.identity.domain.compte import Compte, closed, reopened, updated
from services.identity.domain.copies import Convention, Groupe
from services.identity.domain.droits import Demandeur
from services.identity.domain.errors import (
    AlreadyClosed,
    CloturePast,
    NotClosed,
    ResponsableToReplace,
)
from services.identity.domain.historique import NatureActe
from services.identity.domain.ouverture import Envois, freed, reserved, write_first
from shared.calendrier import day_of
from shared.contracts.comptes import EtatCompte
from shared.path.decision import Decision, State


def plan_closing(
    compte: Compte,
    cloture: date,
    state: State,
    *,
    responsable_of: Iterable[Groupe],
    by: str,
    now: datetime,
) -> Decision:
    """Close an account from a day on: at once if it is today.

    Writes:  comptes, adresses
    Tells:   UserClosed, or UserUpdated while the day is to come
    Raises:  AlreadyClosed, CloturePast, ResponsableToReplace
    """
    today = day_of(now)
    if EtatCompte.CLOTURE in {compte.etat, compte.etat_at(today)}:
        raise AlreadyClosed
    if cloture < today:
        raise CloturePast
    if any(groupe.goes_on(cloture) for groupe in responsable_of):
        raise ResponsableToReplace
    compte = compte.changed(cloture=cloture)
    if cloture == today:
        return close(compte, state, by=by, now=now)
    compte = compte.noted(NatureActe.CLOTURE_PREVUE, par=by, at=now)
    return Decision((compte,), (updated(compte, by=by, at=now),), {"user_id": compte.id})


def to_hand_over(
    groupes: Iterable[Groupe], convention: Convention | None, day: date
) -> tuple[Groupe, ...]:
    """The groups whose responsable has to be replaced first [seed 003].

    None in a convention that is over: nobody can name a successor there any more (assumed).
    """
    if convention is not None and convention.is_over(day):
        return ()
    return tuple(each for each in groupes if each.goes_on(day))


def close(compte: Compte, state: State, *, by: str, now: datetime) -> Decision:
    """Close an account whose day has come: its sessions end, its address is free for another.

    Writes:  comptes, adresses
    Tells:   UserClosed
    """
    compte = compte.changed(
        etat=EtatCompte.CLOTURE, epoque=compte.epoque + 1, provisoire=None
    ).noted(NatureActe.CLOTURE, par=by, at=now)
    return Decision(
        writes=(compte, *freed(compte.mail, compte.id, state, now=now)),
        facts=(closed(compte, by=by, at=now),),
        result={"user_id": compte.id},
    )


def put_off(compte: Compte, day: date, *, by: str, now: datetime) -> Decision:
    """Let the responsable of a group still open stay one day more: nobody replaces him yet.

    Asked again each day until a successor is named [seed 003, assumed].

    Writes:  comptes
    Tells:   UserUpdated
    """
    compte = compte.changed(cloture=day + timedelta(days=1))
    return Decision((compte,), (updated(compte, by=by, at=now),), {"user_id": compte.id})


def reopen(
    compte: Compte,
    envois: Envois | None,
    state: State,
    *,
    demandeur: Demandeur | None = None,
    by: str,
    now: datetime,
) -> Decision:
    """Take the closing date away [seed 002]; the password stays what it was.

    Writes:  comptes, adresses
    Tells:   UserReopened, or UserUpdated if it was not closed or does not open today;
             IdentifiantIssued, TemporaryPasswordIssued if it opens and none was written before
    Raises:  NotClosed, MailTaken, MailUnavailable, Outdated
    """
    if compte.cloture is None:
        raise NotClosed
    today = day_of(now)
    was_closed = EtatCompte.CLOTURE in {compte.etat, compte.etat_at(today)}
    compte = compte.changed(cloture=None, epoque=compte.epoque + was_closed)
    compte = compte.changed(etat=compte.etat_at(today))
    compte = compte.noted(NatureActe.REOUVERTURE, par=by, at=now)
    compte, mails = write_first(compte, envois)
    told = reopened if was_closed and compte.etat is EtatCompte.OUVERT else updated
    return Decision(
        writes=(compte, reserved(compte, state, today, demandeur)),
        facts=(told(compte, by=by, at=now), *mails),
        result={"user_id": compte.id},
    )
