"""A new temporary password for an account that exists: decided here, whoever asked for it.

Nothing else of the account moves: the password in use opens until the temporary one is used, or
anybody could shut anybody out (OWASP Forgot Password Cheat Sheet).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.identity.domain.compte import Compte, Provisoire
from services.identity.domain.frequence import MOST_RESETS
from services.identity.domain.historique import INCONNU, NatureActe
from shared.contracts.identity import PasswordReset, TemporaryPasswordIssued
from shared.errors import Outdated, Refusal
from shared.frequence import counted
from shared.path.decision import Decision, Told


class TooManyResets(Refusal):
    """Three mails within the hour already."""

    code: ClassVar[str] = "trop_de_reinitialisations"
    sentence: ClassVar[str] = (
        "Trois mots de passe provisoires ont déjà été envoyés à cette personne depuis une heure. "
        "Réessayez plus tard."
    )


@dataclass(frozen=True)
class Tirage:
    """A temporary password drawn for one generation of one account; hashed and sealed only."""

    to: str
    generation: int
    hash: str
    sealed: str
    key_id: str
    expires_at: datetime


def issued(compte: Compte, tirage: Tirage) -> tuple[Compte, Told]:
    """The account with its new temporary password, and the fact that has it written to the person.

    Raises `Outdated` when it was drawn for what the account is no longer.
    """
    if (tirage.generation, tirage.to) != (compte.generation + 1, compte.mail):
        raise Outdated
    renewed = compte.changed(
        generation=tirage.generation,
        provisoire=Provisoire(
            hash=tirage.hash, generation=tirage.generation, expires_at=tirage.expires_at
        ),
    )
    told = TemporaryPasswordIssued(
        user_id=compte.id,
        generation=tirage.generation,
        key_id=tirage.key_id,
        sealed=tirage.sealed,
        expires_at=tirage.expires_at,
    )
    return renewed, renewed.told(told)


def reset(compte: Compte, tirage: Tirage, *, asked_by: str | None, now: datetime) -> Decision:
    """Give an open account a new temporary password; the newest cancels the others.

    Writes:  comptes
    Tells:   PasswordReset (`asked_by` None: the person), TemporaryPasswordIssued
    Raises:  Outdated, TooManyResets
    """
    moments = counted(compte.reinitialisations, now, most=MOST_RESETS, refusal=TooManyResets)
    renewed, mailed = issued(compte, tirage)
    renewed = renewed.changed(reinitialisations=moments).noted(
        NatureActe.REINITIALISATION, par=asked_by or INCONNU, at=now
    )
    told = PasswordReset(
        user_id=compte.id,
        convention_id=compte.convention_id,
        generation=renewed.generation,
        asked_by=asked_by,
        at=now,
    )
    return Decision(writes=(renewed,), facts=(renewed.told(told), Told(renewed, mailed.fact)))
