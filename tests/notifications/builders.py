"""Invented people, sealed secrets, mails; and a decision taken in memory."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from deploy.local.keys import public, sealing_key
from services.notifications.domain.envoi import Envoi, queue
from services.notifications.domain.modele import Modele
from shared.contracts.identity import IdentifiantIssued, TemporaryPasswordIssued
from shared.contracts.notifications import SERVICE
from shared.path.decision import Decision, Document, Request, State, UseCase
from shared.security.principal import Principal, service_principal
from shared.security.sealing import seal

NOW = datetime(2025, 3, 6, 13, 30, tzinfo=UTC)
DAY = timedelta(hours=24)
DOMAIN = "mcp.example"
KEY = sealing_key()
KEYS = json.dumps({"keys": [KEY]})
PUBLIC_KEY = json.dumps(public(KEY))
PASSWORD = "p7#Kd-vR4m!Zx9Tq2&Lw"
IDENTIFIANT = "KRB4729TV35"
ITSELF = service_principal(SERVICE)


def identifiant_issued(
    user_id: str = "u1",
    /,
    generation: int = 1,
    expires_at: datetime = NOW + DAY,
    key: str = PUBLIC_KEY,
    **content: Any,
) -> IdentifiantIssued:
    """What identity tells when it gives an identifiant; `content` changes what is sealed."""
    key_id, sealed = _sealed(
        user_id, generation, expires_at, key, {"identifiant": IDENTIFIANT} | content
    )
    return IdentifiantIssued(
        user_id=user_id, generation=generation, key_id=key_id, sealed=sealed, expires_at=expires_at
    )


def password_issued(
    user_id: str = "u1",
    /,
    generation: int = 1,
    expires_at: datetime = NOW + DAY,
    key: str = PUBLIC_KEY,
    **content: Any,
) -> TemporaryPasswordIssued:
    """What identity tells when it gives a temporary password."""
    key_id, sealed = _sealed(
        user_id, generation, expires_at, key, {"mot_de_passe": PASSWORD} | content
    )
    return TemporaryPasswordIssued(
        user_id=user_id, generation=generation, key_id=key_id, sealed=sealed, expires_at=expires_at
    )


def _sealed(
    user_id: str, generation: int, expires_at: datetime, key: str, content: dict[str, Any]
) -> tuple[str, str]:
    payload = {
        "user_id": user_id,
        "generation": generation,
        "expires_at": expires_at.isoformat(),
        "to": f"{user_id}@commune.example",
        "prenom": "Zoé",
        "nom": "Été-Durand",
    }
    return seal(key, payload | content)


def password_mail(issued: TemporaryPasswordIssued | None = None, now: datetime = NOW) -> Envoi:
    """A queued mail of a temporary password."""
    return queue(
        Modele.MOT_DE_PASSE_PROVISOIRE, issued or password_issued(), domain=DOMAIN, now=now
    )


def identifiant_mail(issued: IdentifiantIssued | None = None, now: datetime = NOW) -> Envoi:
    """A queued mail of an identifiant."""
    return queue(Modele.IDENTIFIANT, issued or identifiant_issued(), domain=DOMAIN, now=now)


def decided(
    use_case: UseCase[Any, Any],
    message: object,
    *documents: Document,
    now: datetime = NOW,
    principal: Principal = ITSELF,
) -> Decision:
    """What a use case decides about these documents, loading what it declares and no more."""
    request = Request(message, principal, now, "message", "correlation", None)
    stored = {document.key: document for document in documents}
    state = State({key: stored.get(key) for key in use_case.keys(request)})
    if use_case.more_keys is not None:
        more = [key for key in use_case.more_keys(request, state) if key not in state]
        state.add({key: stored.get(key) for key in more})
    return use_case.decide(request, state)
