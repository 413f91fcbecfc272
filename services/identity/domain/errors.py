"""What identity refuses, each a code, a French sentence and the field to correct."""

from typing import ClassVar

from shared.errors import Refusal


class NotPermitted(Refusal):
    """The actor may not do this [seed 002, rights table]."""

    code: ClassVar[str] = "non_permis"
    sentence: ClassVar[str] = "Vous n’avez pas le droit de faire cette opération."
    status: ClassVar[int] = 403


class UserUnknown(Refusal):
    """No such account."""

    code: ClassVar[str] = "compte_inconnu"
    sentence: ClassVar[str] = "Ce compte n’existe pas."
    field: ClassVar[str | None] = "user_id"
    status: ClassVar[int] = 404


class UserExists(Refusal):
    """An account with this id was opened before."""

    code: ClassVar[str] = "compte_deja_ouvert"
    sentence: ClassVar[str] = "Ce compte existe déjà."
    field: ClassVar[str | None] = "user_id"


class MailTaken(Refusal):
    """A mail address belongs to one open account only."""

    code: ClassVar[str] = "adresse_deja_utilisee"
    sentence: ClassVar[str] = "Cette adresse mail est déjà celle d’un autre compte ouvert."
    field: ClassVar[str | None] = "mail"


class MailInvalid(Refusal):
    """Not one plain mail address."""

    code: ClassVar[str] = "adresse_invalide"
    sentence: ClassVar[str] = "Cette adresse mail n’est pas valable."
    field: ClassVar[str | None] = "mail"
    status: ClassVar[int] = 422


class NomInvalid(Refusal):
    """A last name with characters that no name holds."""

    code: ClassVar[str] = "nom_invalide"
    sentence: ClassVar[str] = "Le nom contient des caractères qui ne sont pas admis."
    field: ClassVar[str | None] = "nom"
    status: ClassVar[int] = 422


class PrenomInvalid(Refusal):
    """A first name with characters that no name holds."""

    code: ClassVar[str] = "prenom_invalide"
    sentence: ClassVar[str] = "Le prénom contient des caractères qui ne sont pas admis."
    field: ClassVar[str | None] = "prenom"
    status: ClassVar[int] = 422


class NoIdentifiantLeft(Refusal):
    """Every identifiant drawn for this account was taken: asking again draws others."""

    code: ClassVar[str] = "identifiant_indisponible"
    sentence: ClassVar[str] = "Aucun identifiant n’a pu être attribué. Recommencez."


class AgentExists(Refusal):
    """The first agent of this Caf was made before."""

    code: ClassVar[str] = "agent_deja_cree"
    sentence: ClassVar[str] = "Le premier agent de cette Caf a déjà été créé."


class SignInRefused(Refusal):
    """The same answer whatever was wrong."""

    code: ClassVar[str] = "connexion_refusee"
    sentence: ClassVar[str] = (
        "L’identifiant ou le mot de passe n’est pas valable. Si votre mot de passe provisoire "
        "a plus de 24 heures, utilisez « Mot de passe oublié »."
    )
    status: ClassVar[int] = 401


class SessionRequired(Refusal):
    """No session, or one that has ended."""

    code: ClassVar[str] = "session_requise"
    sentence: ClassVar[str] = "Votre session a pris fin. Connectez-vous à nouveau."
    status: ClassVar[int] = 401


class PersonalisationRequired(Refusal):
    """A temporary password opens the choice of a password, and nothing else."""

    code: ClassVar[str] = "mot_de_passe_a_personnaliser"
    sentence: ClassVar[str] = "Choisissez d’abord votre mot de passe personnel."
    status: ClassVar[int] = 403


class NothingToPersonalise(Refusal):
    """The session was not opened by a temporary password."""

    code: ClassVar[str] = "rien_a_personnaliser"
    sentence: ClassVar[str] = "Cette session ne permet pas de choisir un mot de passe."
    status: ClassVar[int] = 403


class NameReserved(Refusal):
    """A service account may not take the name of a service of the platform."""

    code: ClassVar[str] = "nom_reserve"
    sentence: ClassVar[str] = (
        "Ce nom est réservé, ou n’est pas fait de lettres minuscules, de chiffres et de tirets."
    )
    field: ClassVar[str | None] = "name"
    status: ClassVar[int] = 422


class ClientRefused(Refusal):
    """A service account did not prove who it is, or asked for more than it was given."""

    code: ClassVar[str] = "client_refuse"
    sentence: ClassVar[str] = "Ce compte de service n’est pas reconnu."
    status: ClassVar[int] = 401
