"""The opening of an account: what is drawn beforehand, what is decided, what is told."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.identity.domain.compte import (
    AdresseReservee,
    Compte,
    IdentifiantReserve,
    Provisoire,
    created,
)
from services.identity.domain.errors import MailTaken, NoIdentifiantLeft, UserExists
from shared.contracts.identity import IdentifiantIssued, TemporaryPasswordIssued
from shared.path.decision import Decision, Key, State

FIRST_GENERATION = 1


@dataclass(frozen=True)
class Candidate:
    """A drawn identifiant, already sealed for the mail that may tell it."""

    identifiant: str
    sealed: str


@dataclass(frozen=True)
class Issue:
    """What was drawn for an account to be opened; secrets only hashed or sealed."""

    candidates: tuple[Candidate, ...]
    hash: str
    sealed_password: str
    key_id: str
    expires_at: datetime


def keys(user_id: str, mail: str, issue: Issue) -> list[Key[Any]]:
    """The account, its mail address, and every identifiant it may get."""
    return [
        Compte.key_of(user_id),
        AdresseReservee.key_of(mail),
        *(IdentifiantReserve.key_of(each.identifiant) for each in issue.candidates),
    ]


def choose(issue: Issue, state: State) -> Candidate:
    """The first candidate that nobody has. Raises `NoIdentifiantLeft`."""
    for candidate in issue.candidates:
        if state.get(IdentifiantReserve.key_of(candidate.identifiant)) is None:
            return candidate
    raise NoIdentifiantLeft


def open_account(
    compte: Compte, candidate: Candidate, issue: Issue, state: State, *, by: str, now: datetime
) -> Decision:
    """Open an account: complete, with its two mails under way, or not at all.

    Writes:  comptes, identifiants, adresses
    Tells:   UserCreated, IdentifiantIssued, TemporaryPasswordIssued
    Raises:  UserExists, MailTaken
    """
    if state.get(compte.key) is not None:
        raise UserExists
    if state.get(AdresseReservee.key_of(compte.mail)) is not None:
        raise MailTaken
    compte = compte.changed(
        identifiant=candidate.identifiant,
        generation=FIRST_GENERATION,
        provisoire=Provisoire(
            hash=issue.hash, generation=FIRST_GENERATION, expires_at=issue.expires_at
        ),
    )
    secret: dict[str, Any] = {
        "user_id": compte.id,
        "generation": FIRST_GENERATION,
        "key_id": issue.key_id,
        "expires_at": issue.expires_at,
    }
    return Decision(
        writes=(
            compte,
            IdentifiantReserve(id=candidate.identifiant, user_id=compte.id),
            AdresseReservee(id=compte.mail, user_id=compte.id),
        ),
        facts=(
            created(compte, by=by, at=now),
            compte.told(IdentifiantIssued(**secret, sealed=candidate.sealed)),
            compte.told(TemporaryPasswordIssued(**secret, sealed=issue.sealed_password)),
        ),
        result={"user_id": compte.id},
    )
