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


class MailUnavailable(Refusal):
    """The address is of an account that who asks may not see: he learns no more."""

    code: ClassVar[str] = "adresse_indisponible"
    sentence: ClassVar[str] = "Cette adresse ne peut pas être utilisée ; adressez-vous à votre Caf."
    field: ClassVar[str | None] = "mail"


class MailInvalid(Refusal):
    """Not one plain mail address."""

    code: ClassVar[str] = "adresse_invalide"
    sentence: ClassVar[str] = "Cette adresse mail n’est pas valable."
    field: ClassVar[str | None] = "mail"
    status: ClassVar[int] = 422


class MailOfService(Refusal):
    """The mailbox of a service, where an account is of a person [seed 002]."""

    code: ClassVar[str] = "adresse_de_service"
    sentence: ClassVar[str] = (
        "Cette adresse est celle d’un service. Indiquez l’adresse individuelle et nominative "
        "de la personne."
    )
    field: ClassVar[str | None] = "mail"
    status: ClassVar[int] = 422


class MailNotConfirmed(Refusal):
    """The address was not typed twice alike."""

    code: ClassVar[str] = "adresse_non_confirmee"
    sentence: ClassVar[str] = "Les deux adresses mail saisies ne sont pas les mêmes."
    field: ClassVar[str | None] = "mail_confirmation"
    status: ClassVar[int] = 422


class TelephoneNotConfirmed(Refusal):
    """The phone number was not typed twice alike."""

    code: ClassVar[str] = "telephone_non_confirme"
    sentence: ClassVar[str] = "Les deux numéros de téléphone saisis ne sont pas les mêmes."
    field: ClassVar[str | None] = "telephone_confirmation"
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


class ConventionUnknown(Refusal):
    """No such convention, or one of others: nobody learns which."""

    code: ClassVar[str] = "convention_inconnue"
    sentence: ClassVar[str] = "Cette convention n’existe pas."
    field: ClassVar[str | None] = "convention_id"
    status: ClassVar[int] = 404


class ConventionNotOpen(Refusal):
    """The actor's own convention is suspended or closed."""

    code: ClassVar[str] = "convention_non_ouverte"
    sentence: ClassVar[str] = "La convention de votre organisme n’est pas ouverte."
    status: ClassVar[int] = 403


class ConventionOver(Refusal):
    """Nobody gets an account in a closed convention."""

    code: ClassVar[str] = "convention_cloturee"
    sentence: ClassVar[str] = "Cette convention est clôturée."
    field: ClassVar[str | None] = "convention_id"


class NotDelegated(Refusal):
    """The Caf keeps the habilitations of this convention to itself [seed 001]."""

    code: ClassVar[str] = "gestion_non_deleguee"
    sentence: ClassVar[str] = (
        "La gestion des habilitations n’est pas déléguée à votre organisme : votre Caf s’en "
        "charge, à la demande de l’administrateur partenaire."
    )
    status: ClassVar[int] = 403


class GroupeUnknown(Refusal):
    """No such group in this convention."""

    code: ClassVar[str] = "groupe_inconnu"
    sentence: ClassVar[str] = "Ce groupe n’existe pas."
    field: ClassVar[str | None] = "groupes"
    status: ClassVar[int] = 404


class GroupeOver(Refusal):
    """Nobody joins a closed group."""

    code: ClassVar[str] = "groupe_cloture"
    sentence: ClassVar[str] = "Ce groupe est clôturé."
    field: ClassVar[str | None] = "groupes"


class CafUnknown(Refusal):
    """No such Caf, or not the agent's."""

    code: ClassVar[str] = "caf_inconnue"
    sentence: ClassVar[str] = "Cette Caf n’existe pas."
    field: ClassVar[str | None] = "caf"
    status: ClassVar[int] = 404


class ResponsableToReplace(Refusal):
    """A group always has its responsable: a successor first [seed 003, assumed]."""

    code: ClassVar[str] = "responsable_a_remplacer"
    sentence: ClassVar[str] = (
        "Cette personne est responsable d’un groupe encore ouvert : désignez d’abord qui la "
        "remplace."
    )


class AlreadyClosed(Refusal):
    """The account is closed."""

    code: ClassVar[str] = "compte_deja_cloture"
    sentence: ClassVar[str] = "Ce compte est déjà clôturé."


class NotClosed(Refusal):
    """The account has no closing date to take away."""

    code: ClassVar[str] = "compte_non_cloture"
    sentence: ClassVar[str] = "Ce compte n’est pas clôturé."


class NotOpen(Refusal):
    """Nothing is written to a person whose account is closed, or not open yet."""

    code: ClassVar[str] = "compte_non_ouvert"
    sentence: ClassVar[str] = "Ce compte n’est pas ouvert."


class OuverturePast(Refusal):
    """An account opens today at the earliest."""

    code: ClassVar[str] = "ouverture_passee"
    sentence: ClassVar[str] = "La date d’ouverture ne peut pas être passée."
    field: ClassVar[str | None] = "ouverture"
    status: ClassVar[int] = 422


class OuvertureOver(Refusal):
    """The opening day of an account has come: it moves no more."""

    code: ClassVar[str] = "ouverture_faite"
    sentence: ClassVar[str] = "Ce compte a déjà été ouvert : sa date d’ouverture ne change plus."
    field: ClassVar[str | None] = "ouverture"


class CloturePast(Refusal):
    """An account closes today at the earliest."""

    code: ClassVar[str] = "cloture_passee"
    sentence: ClassVar[str] = "La date de clôture ne peut pas être passée."
    field: ClassVar[str | None] = "cloture"
    status: ClassVar[int] = 422


class ClotureBeforeOuverture(Refusal):
    """An account closes after it opened."""

    code: ClassVar[str] = "cloture_avant_ouverture"
    sentence: ClassVar[str] = "La date de clôture doit suivre la date d’ouverture."
    field: ClassVar[str | None] = "cloture"
    status: ClassVar[int] = 422


class FonctionsOfAgents(Refusal):
    """Only internal accounts have functions [seed 001]."""

    code: ClassVar[str] = "fonctions_d_agent"
    sentence: ClassVar[str] = "Seul le compte d’un agent de la Caf a des fonctions."
    field: ClassVar[str | None] = "fonctions"
    status: ClassVar[int] = 422


class FonctionsMissing(Refusal):
    """An agent has one function at least."""

    code: ClassVar[str] = "fonctions_absentes"
    sentence: ClassVar[str] = "Un agent a au moins une fonction."
    field: ClassVar[str | None] = "fonctions"
    status: ClassVar[int] = 422


class NoIdentifiantLeft(Refusal):
    """Every identifiant drawn for this account was taken: asking again draws others."""

    code: ClassVar[str] = "identifiant_indisponible"
    sentence: ClassVar[str] = "Aucun identifiant n’a pu être attribué. Recommencez."


class AgentExists(Refusal):
    """Somebody of this Caf may make accounts: its agents are made by him."""

    code: ClassVar[str] = "agent_deja_cree"
    sentence: ClassVar[str] = "Cette Caf a déjà un agent qui peut ouvrir des comptes."


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
