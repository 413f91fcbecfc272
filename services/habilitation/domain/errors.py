"""What habilitation refuses to anybody: each a code, a French sentence, the field to correct.

What only the contract side or only groups refuse is beside their rules.
"""

from typing import ClassVar

from shared.errors import Refusal


class NotPermitted(Refusal):
    """The actor may not do this [seed 002, rights table]."""

    code: ClassVar[str] = "non_permis"
    sentence: ClassVar[str] = "Vous n’avez pas le droit de faire cette opération."
    status: ClassVar[int] = 403


class ConventionUnknown(Refusal):
    """No such convention, or one of others: nobody learns which."""

    code: ClassVar[str] = "convention_inconnue"
    sentence: ClassVar[str] = "Cette convention n’existe pas."
    field: ClassVar[str | None] = "convention_id"
    status: ClassVar[int] = 404


class ConventionNotOpen(Refusal):
    """The actor's own convention is not open: not signed, suspended or closed."""

    code: ClassVar[str] = "convention_non_ouverte"
    sentence: ClassVar[str] = "La convention de votre organisme n’est pas ouverte."
    status: ClassVar[int] = 403


class ConventionOver(Refusal):
    """Nothing changes in a closed convention."""

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
    """No such group in this convention, or one that the actor may not see."""

    code: ClassVar[str] = "groupe_inconnu"
    sentence: ClassVar[str] = "Ce groupe n’existe pas."
    field: ClassVar[str | None] = "groupe_id"
    status: ClassVar[int] = 404


class UserUnknown(Refusal):
    """No such person in this convention, or one that the actor may not see."""

    code: ClassVar[str] = "compte_inconnu"
    sentence: ClassVar[str] = "Ce compte n’existe pas."
    field: ClassVar[str | None] = "user_id"
    status: ClassVar[int] = 404


class NotForOneself(Refusal):
    """Who manages habilitations gives himself none [seed 002][seed 003]."""

    code: ClassVar[str] = "pas_pour_soi"
    sentence: ClassVar[str] = (
        "Vous ne pouvez pas vous donner un droit à vous-même : demandez à un autre administrateur "
        "ou au responsable du groupe ; un administrateur peut aussi solliciter sa Caf."
    )
    status: ClassVar[int] = 403


class DateInvalid(Refusal):
    """Dates that do not follow one another."""

    code: ClassVar[str] = "dates_invalides"
    sentence: ClassVar[str] = "La date de fin doit suivre la date de début."
    field: ClassVar[str | None] = "fin"
    status: ClassVar[int] = 422


class StateForbids(Refusal):
    """A state that what is asked does not lead out of (`etats.py`)."""

    code: ClassVar[str] = "etat_contraire"
    sentence: ClassVar[str] = "{sujet} est {etat} : rien n’a été changé."


class GroupeOver(Refusal):
    """Nothing is given by a closed group."""

    code: ClassVar[str] = "groupe_cloture"
    sentence: ClassVar[str] = "Ce groupe est clôturé."
    field: ClassVar[str | None] = "groupe_id"


class OtherProfil(Refusal):
    """One CDAP profile per person [seed 003]; the group that gives the other one is named."""

    code: ClassVar[str] = "autre_profil"
    sentence: ClassVar[str] = "Cette personne a déjà le profil {profil} par le groupe « {groupe} »."
    field: ClassVar[str | None] = "user_id"


class CloturePast(Refusal):
    """Nothing is closed before today: what was seen until then stays (assumed)."""

    code: ClassVar[str] = "cloture_passee"
    sentence: ClassVar[str] = "La date de clôture ne peut pas être passée."
    field: ClassVar[str | None] = "cloture"
    status: ClassVar[int] = 422


class ClotureBeforeOuverture(Refusal):
    """A closing day that does not follow the opening day."""

    code: ClassVar[str] = "cloture_avant_ouverture"
    sentence: ClassVar[str] = "La date de clôture doit suivre la date d’ouverture."
    field: ClassVar[str | None] = "cloture"
    status: ClassVar[int] = 422
