"""Who acts, once verified."""

from dataclasses import dataclass
from enum import StrEnum


class ActorKind(StrEnum):
    """Kinds of actors; administrateur, responsable, utilisateur are roles, not kinds."""

    AGENT_CAF = "agent_caf"
    PARTENAIRE = "partenaire"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Principal:
    """A verified actor: its kind and its id, and nothing else of its token."""

    kind: ActorKind
    id: str


def service_principal(service: str) -> Principal:
    """A service acting by itself: reactions, schedules."""
    return Principal(ActorKind.SERVICE, service)
