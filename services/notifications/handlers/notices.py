"""Notices: what happened is written to whom it concerns, once for each fact.

A line of the table: the fact, the template, what tells one occasion from another, what it says;
whom it is written to, where that is not the person of the fact.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from services.notifications.domain.envoi import Envoi, notice_id, queue_notice
from services.notifications.domain.modele import VALIDITE, Modele
from services.notifications.handlers.changes import decision
from shared.calendrier import day_of
from shared.contracts.habilitation import AppartenanceRefused
from shared.contracts.habilitation_demandes import CafSollicitee
from shared.contracts.identity import (
    AccountRefused,
    PasswordChanged,
    UserClosed,
    UserLocked,
    UserReopened,
)
from shared.path.decision import Decision, Key, Request, State, UseCase

F = TypeVar("F", bound=Any)


@dataclass(frozen=True, slots=True)
class Avis(Generic[F]):
    """What is written when such a fact comes."""

    fact: type[F]
    modele: Modele
    occasion: Callable[[F], str]
    valeurs: Callable[[F], Mapping[str, str]]
    a: Callable[[F], str] = lambda fact: str(fact.user_id)
    """Whose mail it is; of one to a Caf, who has it written."""
    more: Callable[[F], Mapping[str, str]] = lambda _: {}
    """Whom it is about (`sujet_id`), the Caf that it goes to (`caf`)."""


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
    Avis(
        AccountRefused,
        Modele.COMPTE_REFUSE,
        lambda fact: f"{fact.user_id}/{fact.at.isoformat()}",
        lambda fact: {
            "le": fact.at.isoformat(),
            "convention": fact.convention_id,
            "titre": fact.titre,
            "motif": fact.motif,
        },
        a=lambda fact: fact.asked_by,
    ),
    Avis(
        AppartenanceRefused,
        Modele.APPARTENANCE_REFUSEE,
        lambda fact: f"{fact.user_id}/{fact.groupe_id}",
        lambda fact: {"le": fact.at.isoformat(), "groupe": fact.code or "", "motif": fact.motif},
        a=lambda fact: fact.asked_by,
        more=lambda fact: {"sujet_id": fact.user_id},
    ),
    Avis(
        CafSollicitee,
        Modele.SOLLICITATION,
        lambda fact: fact.sollicitation_id,
        lambda fact: {
            "le": fact.at.isoformat(),
            "convention": fact.convention_id,
            "organisme": fact.organisme,
            "service": fact.service or "",
            "demande": fact.objet,
            "intitule": fact.sujet,
            "reference": fact.sollicitation_id,
            "description": fact.message,
        },
        a=lambda fact: fact.asked_by,
        more=lambda fact: {"caf": fact.caf or "", "sujet_id": fact.asked_by},
    ),
)
"""The facts of which a person is told, whoever caused them (OWASP ASVS 5.0, 6.3.7: changes of
one’s authentication are notified). Closing and reopening: assumed, the seeds say nothing. Who
asked for what did not come about learns why; a Caf reads what its administrateurs ask [seed 002].
"""


def notices(domain: str, topic: str) -> tuple[UseCase[Any, None], ...]:
    """One use case for each of a topic; `domain` is the right-hand side of the Message-IDs."""
    return tuple(_use_case(avis, domain) for avis in AVIS if topic == avis.fact.TOPIC)


def _use_case(avis: Avis[Any], domain: str) -> UseCase[Any, None]:
    def key(request: Request[Any, None]) -> Key[Envoi]:
        fact = request.message
        return Envoi.key_of(notice_id(avis.modele, avis.a(fact), avis.occasion(fact)))

    def keys(request: Request[Any, None]) -> Iterable[Key[Any]]:
        return [key(request)]

    def decide(request: Request[Any, None], state: State) -> Decision:
        fact, where = request.message, key(request)
        if state.get(where) is not None or request.now >= fact.at + VALIDITE:
            return Decision()
        mail = queue_notice(
            avis.modele,
            avis.a(fact),
            id=where.id,
            domain=domain,
            now=request.now,
            expires_at=fact.at + VALIDITE,
            valeurs=dict(avis.valeurs(fact)),
            **avis.more(fact),
        )
        return decision((mail, ()))

    return UseCase(message=avis.fact, keys=keys, decide=decide)
