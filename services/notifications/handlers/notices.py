"""Notices: what happened to an account is written to its person, once for each fact.

A line of the table: the fact, the template, what tells one occasion from another, what it says.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from services.notifications.domain.envoi import Envoi, notice_id, queue_notice
from services.notifications.domain.modele import VALIDITE, Modele
from services.notifications.handlers.changes import decision
from shared.calendrier import day_of
from shared.contracts.identity import PasswordChanged, UserClosed, UserLocked, UserReopened
from shared.path.decision import Decision, Key, Request, State, UseCase

F = TypeVar("F", bound=Any)


@dataclass(frozen=True, slots=True)
class Avis(Generic[F]):
    """What is written when such a fact comes."""

    fact: type[F]
    modele: Modele
    occasion: Callable[[F], str]
    valeurs: Callable[[F], Mapping[str, str]]


AVIS: tuple[Avis[Any], ...] = (
    Avis(
        PasswordChanged,
        Modele.MOT_DE_PASSE_MODIFIE,
        lambda fact: fact.at.isoformat(),
        lambda fact: {"le": fact.at.isoformat(), "comment": fact.motif or ""},
    ),
    Avis(
        UserLocked,
        Modele.CONNEXION_RALENTIE,
        lambda fact: day_of(fact.at).isoformat(),  # one a day: guesses must not fill a mailbox
        lambda fact: {"le": fact.at.isoformat(), "jusqu_a": fact.until.isoformat()},
    ),
    Avis(
        UserClosed,
        Modele.COMPTE_CLOTURE,
        lambda fact: fact.at.isoformat(),
        lambda fact: {"le": fact.at.isoformat()},
    ),
    Avis(
        UserReopened,
        Modele.COMPTE_ROUVERT,
        lambda fact: fact.at.isoformat(),
        lambda fact: {"le": fact.at.isoformat()},
    ),
)
"""The facts of which a person is told, whoever caused them (OWASP ASVS 5.0, 6.3.7: changes of
one’s authentication are notified). Closing and reopening: assumed, the seeds say nothing."""


def notices(domain: str) -> tuple[UseCase[Any, None], ...]:
    """One use case for each; `domain` is the right-hand side of the Message-IDs."""
    return tuple(_use_case(avis, domain) for avis in AVIS)


def _use_case(avis: Avis[Any], domain: str) -> UseCase[Any, None]:
    def key(request: Request[Any, None]) -> Key[Envoi]:
        fact = request.message
        return Envoi.key_of(notice_id(avis.modele, fact.user_id, avis.occasion(fact)))

    def keys(request: Request[Any, None]) -> Iterable[Key[Any]]:
        return [key(request)]

    def decide(request: Request[Any, None], state: State) -> Decision:
        fact, where = request.message, key(request)
        if state.get(where) is not None or request.now >= fact.at + VALIDITE:
            return Decision()
        mail = queue_notice(
            avis.modele,
            fact.user_id,
            id=where.id,
            domain=domain,
            now=request.now,
            expires_at=fact.at + VALIDITE,
            valeurs=dict(avis.valeurs(fact)),
        )
        return decision((mail, ()))

    return UseCase(message=avis.fact, keys=keys, decide=decide)
