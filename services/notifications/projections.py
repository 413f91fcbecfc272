"""The copies of others' facts that this service keeps."""

from collections.abc import Mapping
from typing import Any

from services.notifications.domain.destinataire import Destinataire
from shared.contracts.identity import PasswordChanged, UserSnapshot
from shared.contracts.topics import USER_LIFECYCLE
from shared.mongo.projection import Projection


def _document(fact: PasswordChanged | UserSnapshot) -> tuple[str, Mapping[str, Any]]:
    if isinstance(fact, PasswordChanged):
        return fact.user_id, {"personnalisee": fact.generation}
    return fact.user_id, {"emise": fact.generation}


DESTINATAIRES = Projection(
    collection=Destinataire.COLLECTION,
    topic=USER_LIFECYCLE,
    owner="identity",
    facts=(PasswordChanged, UserSnapshot),
    document=_document,
)
