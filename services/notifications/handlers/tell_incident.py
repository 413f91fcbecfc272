"""Tell a security incident: to the Caf, with what the person wrote; to the person, once it is told.

[seed 002: report security incidents without delay]
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from services.notifications.domain.envoi import Changed, Envoi, notice_id, queue_notice
from services.notifications.domain.modele import VALIDITE, Modele
from services.notifications.handlers.changes import decision
from shared.contracts.identity import IncidentReported
from shared.path.decision import Decision, Key, Request, State, UseCase


def tell_incident(domain: str) -> UseCase[IncidentReported, None]:
    """The use case; `domain` is the right-hand side of the Message-IDs."""

    def decide(request: Request[IncidentReported, None], state: State) -> Decision:
        told, key = request.message, _key(request)
        if state.get(key) is not None or request.now >= told.at + VALIDITE:
            return Decision()
        mail = queue_notice(
            Modele.INCIDENT_SIGNALE,
            told.user_id,
            id=key.id,
            domain=domain,
            now=request.now,
            expires_at=told.at + VALIDITE,
            valeurs={
                "le": told.at.isoformat(),
                "nature": told.nature,
                "reference": told.incident_id,
                "convention": told.convention_id or "",
                "organisme": told.organisme or "",
            },
            caf=told.caf or "",
            sujet_id=told.user_id,
            key_id=told.key_id,
            sealed=told.sealed,
        )
        return decision((mail, ()))

    return UseCase(message=IncidentReported, keys=lambda request: [_key(request)], decide=decide)


def keys_of_receipt(envoi: Envoi | None) -> Iterable[Key[Any]]:
    """What is to be loaded beside a mail that a server took."""
    if envoi is not None and envoi.modele is Modele.INCIDENT_SIGNALE and envoi.valeurs:
        yield Envoi.key_of(_receipt_id(envoi))


def receipt(envoi: Envoi, state: State, now: datetime) -> Iterable[Changed]:
    """The mail to the person, once the Caf's server took this one."""
    for key in keys_of_receipt(envoi):
        if state.get(key) is None:
            mail = queue_notice(
                Modele.INCIDENT_RECU,
                envoi.user_id,
                id=key.id,
                domain=envoi.domain,
                now=now,
                valeurs=envoi.valeurs,
            )
            yield mail, ()


def _key(request: Request[IncidentReported, None]) -> Key[Envoi]:
    told = request.message
    return Envoi.key_of(notice_id(Modele.INCIDENT_SIGNALE, told.user_id, told.incident_id))


def _receipt_id(envoi: Envoi) -> str:
    reference = (envoi.valeurs or {})["reference"]
    return notice_id(Modele.INCIDENT_RECU, envoi.user_id, reference)
