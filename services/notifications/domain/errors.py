"""What notifications refuses, each with its sentence."""

from typing import ClassVar

from shared.errors import Refusal


class TransitionForbidden(Refusal):
    """A mail cannot go from its state to the one asked."""

    code: ClassVar[str] = "transition_interdite"
    sentence: ClassVar[str] = "Ce mail ne peut plus changer d’état ainsi."


class MailUnknown(Refusal):
    """No mail has this id."""

    code: ClassVar[str] = "mail_inconnu"
    sentence: ClassVar[str] = "Ce mail n’existe pas."
    field: ClassVar[str | None] = "mail_id"
    status: ClassVar[int] = 404


class NotTheService(Refusal):
    """Only the service itself may ask for this."""

    code: ClassVar[str] = "reserve_au_service"
    sentence: ClassVar[str] = "Seul le service de notification peut faire cette demande."
    status: ClassVar[int] = 403
