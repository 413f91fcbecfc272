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


class MailEnded(Refusal):
    """A mail that waits no longer has lost what it said: nothing of it can be sent again."""

    code: ClassVar[str] = "mail_termine"
    sentence: ClassVar[str] = (
        "Ce mail n’attend plus et son contenu est effacé : il faut en demander un nouveau."
    )
    field: ClassVar[str | None] = "mail_id"


class NotTheService(Refusal):
    """Only the service itself may ask for this."""

    code: ClassVar[str] = "reserve_au_service"
    sentence: ClassVar[str] = "Seul le service de notification peut faire cette demande."
    status: ClassVar[int] = 403


class NotAService(Refusal):
    """Only another service may have many persons written to."""

    code: ClassVar[str] = "reserve_aux_services"
    sentence: ClassVar[str] = "Seul un service de la plateforme peut demander une campagne."
    status: ClassVar[int] = 403


class ModeleUnknown(Refusal):
    """No campaign is written with this template."""

    code: ClassVar[str] = "modele_inconnu"
    sentence: ClassVar[str] = "Aucune campagne ne s’écrit avec ce modèle."
    field: ClassVar[str | None] = "modele"
    status: ClassVar[int] = 422


class ValeursInvalid(Refusal):
    """The template needs other values than those given."""

    code: ClassVar[str] = "valeurs_invalides"
    sentence: ClassVar[str] = "Les valeurs données ne sont pas celles que ce modèle demande."
    field: ClassVar[str | None] = "valeurs"
    status: ClassVar[int] = 422
