"""Invented people, as identity tells of them, and as the copy knows them."""

from typing import Any, TypeVar

from services.notifications.domain.destinataire import Destinataire
from shared.contracts.comptes import EtatCompte, GenreCompte, NatureIncident, Poste
from shared.contracts.envelope import Fact
from shared.contracts.identity import IncidentReported, UserClosed, UserCreated, UserMailChanged
from shared.security.sealing import seal
from tests.notifications.builders import NOW, PUBLIC_KEY

F = TypeVar("F", bound=Fact)
AGENT = "a1"
"""Who opened the accounts."""
BY: dict[type[Fact], dict[str, Any]] = {
    UserCreated: {"created_by": AGENT},
    UserMailChanged: {
        "ancienne_mail": "ancienne@commune.example",
        "administrateur": False,
        "changed_by": "u1",
    },
    UserClosed: {"closed_by": AGENT, "etat": EtatCompte.CLOTURE},
}
"""What some facts tell beside the state of the person."""
DESCRIPTION = "Mon collègue s’est servi de mon compte."


def state(fact: type[F], user_id: str = "u1", **more: Any) -> F:
    """A fact that carries the whole state of a person."""
    told: dict[str, Any] = {
        "user_id": user_id,
        "convention_id": "19_214",
        "at": NOW,
        "genre": GenreCompte.PARTENAIRE,
        "nom": "Été-Durand",
        "prenom": "Zoé",
        "mail": f"{user_id}@commune.example",
        "poste": Poste.SEDENTAIRE,
        "etat": EtatCompte.OUVERT,
        "caf": "931",
    }
    return fact(**(told | BY.get(fact, {}) | more))


def incident(user_id: str = "u1", key: str = PUBLIC_KEY, **more: Any) -> IncidentReported:
    """What a person reports; `sealed_for` changes what is sealed."""
    payload = {"user_id": user_id, "incident_id": "i1", "description": DESCRIPTION}
    key_id, sealed = seal(key, payload | more.pop("sealed_for", {}))
    told: dict[str, Any] = {
        "user_id": user_id,
        "convention_id": "19_214",
        "at": NOW,
        "incident_id": "i1",
        "nature": NatureIncident.COMPTE_PARTAGE,
        "caf": "931",
        "organisme": "Mairie de Valfleury",
        "key_id": key_id,
        "sealed": sealed,
    }
    return IncidentReported(**(told | more))


def known(user_id: str = "u1", **more: Any) -> Destinataire:
    """What the copy knows of a person."""
    told: dict[str, Any] = {
        "id": user_id,
        "seq": 1,
        "mail": f"{user_id}@commune.example",
        "nom": "Été-Durand",
        "prenom": "Zoé",
        "etat": EtatCompte.OUVERT,
        "genre": GenreCompte.PARTENAIRE,
        "caf": "931",
        "convention_id": "19_214",
        "created_by": AGENT,
    }
    return Destinataire(**(told | more))
