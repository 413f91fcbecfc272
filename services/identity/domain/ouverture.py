"""The opening of an account: what is drawn beforehand, what is decided, what is told."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from services.identity.domain.compte import (
    AdresseReservee,
    Compte,
    IdentifiantReserve,
    created,
    opened,
)
from services.identity.domain.droits import Demandeur, may_know_of
from services.identity.domain.errors import (
    ClotureBeforeOuverture,
    CloturePast,
    MailTaken,
    MailUnavailable,
    NoIdentifiantLeft,
    OuverturePast,
    UserExists,
)
from services.identity.domain.historique import NatureActe
from services.identity.domain.reinitialisation import Tirage, issued
from shared.calendrier import day_of
from shared.contracts.comptes import EtatCompte
from shared.contracts.identity import IdentifiantIssued
from shared.errors import Outdated
from shared.path.decision import Decision, Key, State, Told

IDENTIFIANT_LIFETIME = timedelta(hours=48)
"""An identifiant is no secret of 24 h: its mail is tried as long as any,
which the issue puts at 48 h (that this one is tried so long is assumed)."""


@dataclass(frozen=True)
class Annonce:
    """An identifiant, sealed for the mail that tells it: to whom, and which sending it is."""

    to: str
    emission: int
    sealed: str
    key_id: str
    expires_at: datetime


@dataclass(frozen=True)
class Candidate:
    """A drawn identifiant, with its mail where the account opens at once."""

    identifiant: str
    annonce: Annonce | None


@dataclass(frozen=True)
class Issue:
    """What was drawn for an account to be made; secrets only hashed or sealed."""

    candidates: tuple[Candidate, ...]
    tirage: Tirage | None


@dataclass(frozen=True)
class Envois:
    """The two mails of an account that opens later than it was made."""

    annonce: Annonce
    tirage: Tirage


def check_dates(ouverture: date, cloture: date | None, today: date) -> None:
    """An account opens today or later, and closes after it opened.

    Raises: OuverturePast, CloturePast, ClotureBeforeOuverture
    """
    if ouverture < today:
        raise OuverturePast
    if cloture is not None and cloture < today:
        raise CloturePast
    if cloture is not None and cloture <= ouverture:
        raise ClotureBeforeOuverture


def keys(compte: Compte, issue: Issue) -> list[Key[Any]]:
    """The account, its mail address, and every identifiant it may get."""
    return [
        compte.key,
        AdresseReservee.key_of(compte.mail),
        *(IdentifiantReserve.key_of(each.identifiant) for each in issue.candidates),
    ]


def make_account(
    compte: Compte,
    issue: Issue,
    state: State,
    *,
    by: str,
    now: datetime,
    groupes: tuple[str, ...] = (),
    demandeur: Demandeur | None = None,
) -> Decision:
    """Make an account: complete, with its two mails under way if it opens today, or not at all.

    Writes:  comptes, identifiants, adresses
    Tells:   UserCreated, and if it opens today IdentifiantIssued, TemporaryPasswordIssued
    Raises:  UserExists, MailTaken, MailUnavailable, NoIdentifiantLeft
    """
    if state.get(compte.key) is not None:
        raise UserExists
    candidate = _choose(issue, state)
    compte = compte.changed(
        identifiant=candidate.identifiant,
        etat=compte.etat_at(day_of(now)),
        created_by=by,
        groupes_demandes=groupes,
    ).noted(NatureActe.CREATION, par=by, at=now)
    mails: tuple[Told, ...] = ()
    if candidate.annonce is not None and issue.tirage is not None:
        compte, mails = write_both(compte, Envois(candidate.annonce, issue.tirage))
    return Decision(
        writes=(
            compte,
            IdentifiantReserve(id=candidate.identifiant, user_id=compte.id),
            reserved(compte, state, day_of(now), demandeur),
        ),
        facts=(created(compte, by=by, at=now, groupes=groupes), *mails),
        result={"user_id": compte.id},
    )


def open_on_its_day(compte: Compte, envois: Envois | None, *, by: str, now: datetime) -> Decision:
    """Open an account whose day has come; its two mails go out now, unless they did before.

    Writes:  comptes
    Tells:   UserOpened, IdentifiantIssued, TemporaryPasswordIssued
    Raises:  Outdated
    """
    compte = compte.changed(etat=EtatCompte.OUVERT).noted(NatureActe.OUVERTURE, par=by, at=now)
    compte, mails = write_first(compte, envois)
    return Decision((compte,), (opened(compte, at=now), *mails), {"user_id": compte.id})


def write_first(compte: Compte, envois: Envois | None) -> tuple[Compte, tuple[Told, ...]]:
    """The two mails of an open account to which none was written yet."""
    if compte.generation > 0 or compte.etat is not EtatCompte.OUVERT:
        return compte, ()
    if envois is None:  # it opened while what it needs was prepared
        raise Outdated
    return write_both(compte, envois)


def write_both(compte: Compte, envois: Envois) -> tuple[Compte, tuple[Told, ...]]:
    """Two mails, never one [seed 002]: the identifiant, the temporary password."""
    compte, identifiant = announced(compte, envois.annonce)
    compte, password = issued(compte, envois.tirage)
    return compte, (identifiant, password)


def announced(compte: Compte, annonce: Annonce) -> tuple[Compte, Told]:
    """The account with its identifiant written once more, and the fact that has it written.

    Raises `Outdated` when it was sealed for what the account is no longer.
    """
    if (annonce.emission, annonce.to) != (compte.emission + 1, compte.mail):
        raise Outdated
    compte = compte.changed(emission=annonce.emission)
    told = IdentifiantIssued(
        user_id=compte.id,
        generation=annonce.emission,
        key_id=annonce.key_id,
        sealed=annonce.sealed,
        expires_at=annonce.expires_at,
    )
    return compte, compte.told(told)


def holder_keys(mail: str, state: State) -> list[Key[Compte]]:
    """The account that holds an address, once the reservation is loaded."""
    before = state.get(AdresseReservee.key_of(mail))
    return [] if before is None or before.user_id is None else [Compte.key_of(before.user_id)]


def reserved(
    compte: Compte, state: State, day: date, demandeur: Demandeur | None = None
) -> AdresseReservee:
    """The mail address of an account, kept for it.

    The clock frees the address of an account whose closing day has come, told or not.
    Raises `MailTaken` to who may see whose it is, else `MailUnavailable`.
    """
    before = state.get(AdresseReservee.key_of(compte.mail))
    if before is not None and before.user_id not in {None, compte.id}:
        key = Compte.key_of(before.user_id or "")
        holder = state.get(key) if key in state else None
        if holder is None or holder.etat_at(day) is not EtatCompte.CLOTURE:
            if holder is not None and may_know_of(demandeur, holder, day):
                raise MailTaken
            raise MailUnavailable
    return AdresseReservee(id=compte.mail, user_id=compte.id)


def freed(mail: str, user_id: str, state: State, *, now: datetime) -> Iterable[AdresseReservee]:
    """The reservation of an address that an account gives up; another's stays."""
    before = state.get(AdresseReservee.key_of(mail))
    if before is not None and before.user_id == user_id:
        yield before.changed(user_id=None, libre_depuis=now)


def _choose(issue: Issue, state: State) -> Candidate:
    """The first candidate that nobody has. Raises `NoIdentifiantLeft`."""
    for candidate in issue.candidates:
        if state.get(IdentifiantReserve.key_of(candidate.identifiant)) is None:
            return candidate
    raise NoIdentifiantLeft
