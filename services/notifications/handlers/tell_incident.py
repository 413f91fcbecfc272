"""Tell a security incident: to the Caf, with what the person wrote; to the person, that it is told.

[seed 002: report security incidents without delay]
"""

from collections.abc import Iterable
from typing import Any

from services.notifications.domain.envoi import Changed, Envoi, notice_id, queue_notice
from services.notifications.domain.modele import VALIDITE, Modele
from services.notifications.handlers.changes import decision
from shared.contracts.identity import IncidentReported
from shared.path.decision import Decision, Key, Request, State, UseCase


def tell_incident(domain: str) -> UseCase[IncidentReported, None]:
    """The use case; `domain` is the right-hand side of the Message-IDs."""

    def decide(request: Request[IncidentReported, None], state: State) -> Decision:
        if request.now >= request.message.at + VALIDITE:
            return Decision()
        return decision(*_mails(request, state, domain))

    return UseCase(message=IncidentReported, keys=_keys, decide=decide)


def _id(modele: Modele, told: IncidentReported) -> str:
    return notice_id(modele, told.user_id, told.incident_id)


def _keys(request: Request[IncidentReported, None]) -> Iterable[Key[Any]]:
    for modele in (Modele.INCIDENT_SIGNALE, Modele.INCIDENT_RECU):
        yield Envoi.key_of(_id(modele, request.message))


def _mails(
    request: Request[IncidentReported, None], state: State, domain: str
) -> Iterable[Changed]:
    told = request.message
    valeurs = {
        "le": told.at.isoformat(),
        "nature": told.nature,
        "reference": told.incident_id,
        "convention": told.convention_id or "",
        "organisme": told.organisme or "",
    }
    to_the_caf = {
        "caf": told.caf or "",
        "sujet_id": told.user_id,
        "key_id": told.key_id,
        "sealed": told.sealed,
    }
    for modele, more in ((Modele.INCIDENT_SIGNALE, to_the_caf), (Modele.INCIDENT_RECU, {})):
        id = _id(modele, told)
        if state.get(Envoi.key_of(id)) is None:
            mail = queue_notice(
                modele,
                told.user_id,
                id=id,
                domain=domain,
                now=request.now,
                expires_at=told.at + VALIDITE,
                valeurs=valeurs,
                **more,
            )
            yield mail, ()
