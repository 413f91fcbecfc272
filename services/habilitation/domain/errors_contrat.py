"""What the contract side refuses: each a code, a French sentence, the field to correct."""

from typing import ClassVar

from services.habilitation.domain.errors import UserUnknown
from shared.errors import Refusal


class SiretInvalid(Refusal):
    """A number whose key is wrong."""

    code: ClassVar[str] = "siret_invalide"
    sentence: ClassVar[str] = "Ce numéro SIRET n’est pas valable : vérifiez ses 14 chiffres."
    field: ClassVar[str | None] = "siret"
    status: ClassVar[int] = 422


class SiretTaken(Refusal):
    """One convention per organisme for all services [seed 003]."""

    code: ClassVar[str] = "siret_pris"
    sentence: ClassVar[str] = "Cet organisme a déjà une convention, qui n’est pas clôturée."
    field: ClassVar[str | None] = "siret"


class NumeroTaken(Refusal):
    """The number of another convention, whoever's it is."""

    code: ClassVar[str] = "numero_pris"
    sentence: ClassVar[str] = "Ce numéro de convention est déjà attribué."
    field: ClassVar[str | None] = "convention_id"


class OrganismeMissing(Refusal):
    """An organisme without a name."""

    code: ClassVar[str] = "organisme_absent"
    sentence: ClassVar[str] = "Indiquez le nom de l’organisme."
    field: ClassVar[str | None] = "organisme"
    status: ClassVar[int] = 422


class OrganismeInvalid(Refusal):
    """A name is one line of text: it is the subject of mails, and shown in lists (assumed)."""

    code: ClassVar[str] = "organisme_invalide"
    sentence: ClassVar[str] = "Donnez à l’organisme un nom d’une ligne."
    field: ClassVar[str | None] = "organisme"
    status: ClassVar[int] = 422


class TypeUnknown(Refusal):
    """A type of organisme that is not in the registry."""

    code: ClassVar[str] = "type_inconnu"
    sentence: ClassVar[str] = "Ce type d’organisme n’existe pas."
    field: ClassVar[str | None] = "type_organisme"
    status: ClassVar[int] = 422


class DepartementUnknown(Refusal):
    """A département without a Caf in the list."""

    code: ClassVar[str] = "departement_inconnu"
    sentence: ClassVar[str] = "Ce département n’a pas de Caf dans la liste."
    field: ClassVar[str | None] = "departements"
    status: ClassVar[int] = 422


class CafToChoose(Refusal):
    """A département with two Caf: one has to be named."""

    code: ClassVar[str] = "caf_a_choisir"
    sentence: ClassVar[str] = "Ce département a deux Caf : indiquez laquelle est celle du siège."
    field: ClassVar[str | None] = "caf"
    status: ClassVar[int] = 422


class CafNotThere(Refusal):
    """A Caf that is not that of the siège, nor that of several départements [seed 003]."""

    code: ClassVar[str] = "caf_invalide"
    sentence: ClassVar[str] = (
        "Cette Caf n’est pas celle du siège de l’organisme ; celle d’un organisme présent dans "
        "plusieurs départements est la Caf des Yvelines."
    )
    field: ClassVar[str | None] = "caf"
    status: ClassVar[int] = 422


class CafPivotElsewhere(Refusal):
    """The convention is another Caf's to register."""

    code: ClassVar[str] = "caf_pivot_autre"
    sentence: ClassVar[str] = (
        "La Caf pivot de cet organisme est une autre ({nom}) : c’est elle qui enregistre sa "
        "convention."
    )
    field: ClassVar[str | None] = "departements"
    status: ClassVar[int] = 403


class OuvertureOver(Refusal):
    """The opening day of a convention that has opened."""

    code: ClassVar[str] = "deja_ouverte"
    sentence: ClassVar[str] = "Cette convention a été ouverte : sa date d’ouverture ne change plus."
    field: ClassVar[str | None] = "ouverture"


class ClotureContradictory(Refusal):
    """A closing day that is given and taken away at once."""

    code: ClassVar[str] = "cloture_contradictoire"
    sentence: ClassVar[str] = "Donnez une date de clôture, ou retirez-la : l’un ou l’autre."
    field: ClassVar[str | None] = "cloture"
    status: ClassVar[int] = 422


class AlreadyValidated(Refusal):
    """A convention that was signed and waits for its opening day."""

    code: ClassVar[str] = "deja_validee"
    sentence: ClassVar[str] = "Cette convention est déjà validée : elle s’ouvrira à sa date."


class MotifMissing(Refusal):
    """A suspension without its reason [seed 003]."""

    code: ClassVar[str] = "motif_absent"
    sentence: ClassVar[str] = "Indiquez le motif."
    field: ClassVar[str | None] = "motif"
    status: ClassVar[int] = 422


class ServiceNotSigned(Refusal):
    """A service without a bulletin d'adhésion, or whose bulletin is over."""

    code: ClassVar[str] = "bulletin_absent"
    sentence: ClassVar[str] = "Aucun bulletin d’adhésion n’est en cours pour ce service."
    field: ClassVar[str | None] = "service"


class EligibiliteUseless(Refusal):
    """A service that opens without a formulaire d'éligibilité [seed 003]."""

    code: ClassVar[str] = "eligibilite_sans_objet"
    sentence: ClassVar[str] = "Ce service s’ouvre sans formulaire d’éligibilité."
    field: ClassVar[str | None] = "service"
    status: ClassVar[int] = 422


class ProfilsOfCdapOnly(Refusal):
    """Profiles asked for a service that has none."""

    code: ClassVar[str] = "profils_sans_objet"
    sentence: ClassVar[str] = "Seul le service CDAP a des profils."
    field: ClassVar[str | None] = "profils"
    status: ClassVar[int] = 422


class ProfilsMissing(Refusal):
    """The bulletin of CDAP says which profiles are granted [seed 002]."""

    code: ClassVar[str] = "profils_absents"
    sentence: ClassVar[str] = "Indiquez les profils accordés."
    field: ClassVar[str | None] = "profils"
    status: ClassVar[int] = 422


class ProfilUnknown(Refusal):
    """A code that is no profile of CDAP."""

    code: ClassVar[str] = "profil_inconnu"
    sentence: ClassVar[str] = "Le profil {profil} n’existe pas."
    field: ClassVar[str | None] = "profils"
    status: ClassVar[int] = 422


class ProfilTwice(Refusal):
    """One profile granted twice."""

    code: ClassVar[str] = "profil_en_double"
    sentence: ClassVar[str] = "Le profil {profil} est demandé deux fois."
    field: ClassVar[str | None] = "profils"
    status: ClassVar[int] = 422


class WordsMissing(Refusal):
    """A profile is granted for something, on some ground, to somebody [seed 002][seed 003]."""

    code: ClassVar[str] = "profil_incomplet"
    sentence: ClassVar[str] = (
        "Indiquez les missions, la finalité, le fondement et les destinataires du profil {profil}."
    )
    field: ClassVar[str | None] = "profils"
    status: ClassVar[int] = 422


class PorteeInvalid(Refusal):
    """The Caf of a scope that has none, or a multi-Caf scope without."""

    code: ClassVar[str] = "portee_invalide"
    sentence: ClassVar[str] = (
        "Une portée multi-Caf nomme des Caf de la liste, les autres portées n’en nomment aucune : "
        "vérifiez le profil {profil}."
    )
    field: ClassVar[str | None] = "profils"
    status: ClassVar[int] = 422


class ProfilNotGranted(Refusal):
    """A profile that the bulletin of CDAP does not grant."""

    code: ClassVar[str] = "profil_non_accorde"
    sentence: ClassVar[str] = "Ce profil n’est pas accordé à cette convention."
    field: ClassVar[str | None] = "profil"


class ConditionUseless(Refusal):
    """A profile without a condition of its own."""

    code: ClassVar[str] = "condition_sans_objet"
    sentence: ClassVar[str] = "Ce profil n’a pas de condition à confirmer."
    field: ClassVar[str | None] = "profil"


class ResponsableMissing(Refusal):
    """The Caf names the responsable of the two AFAS groups [seed 001]."""

    code: ClassVar[str] = "responsable_absent"
    sentence: ClassVar[str] = "Nommez le responsable des groupes AFAS."
    field: ClassVar[str | None] = "responsable_id"
    status: ClassVar[int] = 422


class ResponsableUseless(Refusal):
    """A responsable named with another bulletin than that of AFAS."""

    code: ClassVar[str] = "responsable_sans_objet"
    sentence: ClassVar[str] = "Seul le bulletin AFAS nomme un responsable."
    field: ClassVar[str | None] = "responsable_id"
    status: ClassVar[int] = 422


class ConventionToOpen(Refusal):
    """Nobody is named before a convention opens, nor while it is suspended (assumed)."""

    code: ClassVar[str] = "convention_a_ouvrir"
    sentence: ClassVar[str] = (
        "Une personne ne se désigne que si la convention est ouverte : celle-ci est {etat}."
    )
    field: ClassVar[str | None] = "convention_id"


class AlreadyAdministrateur(Refusal):
    """Somebody who is administrateur of the convention."""

    code: ClassVar[str] = "deja_administrateur"
    sentence: ClassVar[str] = "Cette personne est déjà administrateur de cette convention."
    field: ClassVar[str | None] = "user_id"


class RangTaken(Refusal):
    """One principal, one suppléant: two administrateurs at most [seed 000][seed 003]."""

    code: ClassVar[str] = "rang_pris"
    sentence: ClassVar[str] = (
        "Cette convention a déjà un administrateur {rang} : remplacez-le par un avenant."
    )
    field: ClassVar[str | None] = "rang"


class NotAdministrateur(Refusal):
    """Nobody of that id is administrateur of the convention."""

    code: ClassVar[str] = "pas_administrateur"
    sentence: ClassVar[str] = "Cette personne n’est pas administrateur de cette convention."
    field: ClassVar[str | None] = "user_id"


class OldNotAdministrateur(NotAdministrateur):
    """The same, of the one to be replaced."""

    field: ClassVar[str | None] = "ancien_id"


class AccountNotOpen(Refusal):
    """Somebody of the convention whose account is closed, or does not open yet."""

    code: ClassVar[str] = "compte_non_ouvert"
    sentence: ClassVar[str] = "Le compte de cette personne n’est pas ouvert."
    field: ClassVar[str | None] = "user_id"


class AccountExists(Refusal):
    """An account to be made that there is."""

    code: ClassVar[str] = "compte_existant"
    sentence: ClassVar[str] = "Ce compte existe déjà : désignez la personne sans le créer."
    field: ClassVar[str | None] = "user_id"


class ResponsableUnknown(UserUnknown):
    """No such person in this convention, to be responsable."""

    field: ClassVar[str | None] = "responsable_id"


class ResponsableNotOpen(AccountNotOpen):
    """The account of who is to be responsable opens nothing."""

    field: ClassVar[str | None] = "responsable_id"


class ResponsableExists(AccountExists):
    """The account of who is to be responsable need not be made."""

    field: ClassVar[str | None] = "responsable_id"
