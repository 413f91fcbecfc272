"""What is refused to whoever opens, changes, closes or deletes a group, or gives it a role."""

from typing import ClassVar

from services.habilitation.domain.errors import GroupeOver, GroupeUnknown, OtherProfil
from services.habilitation.domain.errors_contrat import ProfilsOfCdapOnly
from shared.errors import Refusal


class GroupeExists(Refusal):
    """A group with this id was made before."""

    code: ClassVar[str] = "groupe_deja_ouvert"
    sentence: ClassVar[str] = "Ce groupe existe déjà."
    field: ClassVar[str | None] = "groupe_id"


class CodeTaken(Refusal):
    """A code names one group of its convention [seed 002]."""

    code: ClassVar[str] = "code_deja_utilise"
    sentence: ClassVar[str] = "Un autre groupe de cette convention porte déjà ce code."
    field: ClassVar[str | None] = "code"


class CodeReserved(Refusal):
    """The codes of the two AFAS groups are the Caf's [seed 001]."""

    code: ClassVar[str] = "code_reserve"
    sentence: ClassVar[str] = "Ce code est réservé aux groupes AFAS que crée la Caf."
    field: ClassVar[str | None] = "code"


class LibelleInvalid(Refusal):
    """A libellé is one line of text, shown in lists and sentences (assumed)."""

    code: ClassVar[str] = "libelle_invalide"
    sentence: ClassVar[str] = "Donnez au groupe un libellé d’une ligne."
    field: ClassVar[str | None] = "libelle"
    status: ClassVar[int] = 422


class ParentUnknown(GroupeUnknown):
    """No such group to hang another under, or one that the actor may not see."""

    field: ClassVar[str | None] = "parent_id"


class ParentOver(GroupeOver):
    """Nothing is hung under a closed group."""

    field: ClassVar[str | None] = "parent_id"


class ResponsableMissing(Refusal):
    """Whose account is to be made must have an id."""

    code: ClassVar[str] = "responsable_absent"
    sentence: ClassVar[str] = "Donnez un identifiant technique au responsable à créer."
    field: ClassVar[str | None] = "responsable_id"
    status: ClassVar[int] = 422


class OuverturePast(Refusal):
    """A group gives nothing backwards (assumed)."""

    code: ClassVar[str] = "ouverture_passee"
    sentence: ClassVar[str] = "La date d’ouverture ne peut pas être passée."
    field: ClassVar[str | None] = "ouverture"
    status: ClassVar[int] = 422


class OuvertureOver(Refusal):
    """The opening date moves until it has come (assumed, as that of an account)."""

    code: ClassVar[str] = "ouverture_faite"
    sentence: ClassVar[str] = "Ce groupe a déjà été ouvert : sa date d’ouverture ne change plus."
    field: ClassVar[str | None] = "ouverture"


class GroupeNotEmpty(Refusal):
    """Only an empty group is deleted [seed 000]."""

    code: ClassVar[str] = "groupe_non_vide"
    sentence: ClassVar[str] = "Ce groupe a encore des membres : retirez-les, ou clôturez le groupe."
    field: ClassVar[str | None] = "groupe_id"


class GroupeTooLarge(Refusal):
    """What a group gives is decided for all its members at once, in one transaction."""

    code: ClassVar[str] = "groupe_trop_grand"
    sentence: ClassVar[str] = (
        "Ce groupe a trop de membres pour que ce qu’il donne change d’un coup : "
        "créez un autre groupe avec ce rôle, et déplacez-y les personnes."
    )
    field: ClassVar[str | None] = "groupe_id"


class SousGroupesLeft(Refusal):
    """A group under which others hang is not empty."""

    code: ClassVar[str] = "sous_groupes_presents"
    sentence: ClassVar[str] = "Ce groupe a encore des sous-groupes : supprimez-les d’abord."
    field: ClassVar[str | None] = "groupe_id"


class ServiceNotOpen(Refusal):
    """The convention has not got that service, or not now [seed 003]."""

    code: ClassVar[str] = "service_non_ouvert"
    sentence: ClassVar[str] = (
        "Ce service n’est pas ouvert à cette convention : la Caf l’ouvre, à la demande de "
        "l’administrateur partenaire."
    )
    field: ClassVar[str | None] = "service"


class ServiceOfCaf(Refusal):
    """AFAS is used through the two groups that the Caf makes [seed 001]."""

    code: ClassVar[str] = "service_reserve"
    sentence: ClassVar[str] = (
        "Ce service s’utilise par les groupes AFAS-HABILITER et AFAS-DECLARER que crée la Caf."
    )
    field: ClassVar[str | None] = "service"


class ProfilMissing(Refusal):
    """CDAP gives nothing without a profile [seed 004]."""

    code: ClassVar[str] = "profil_absent"
    sentence: ClassVar[str] = "Choisissez le profil CDAP que ce groupe donne."
    field: ClassVar[str | None] = "profil"
    status: ClassVar[int] = 422


class ProfilUseless(ProfilsOfCdapOnly):
    """A profile asked for a group with the role of another service."""

    field: ClassVar[str | None] = "profil"


class ConditionNotConfirmed(Refusal):
    """A profile whose own condition the Caf has not confirmed is not assigned [seed 002]."""

    code: ClassVar[str] = "condition_non_confirmee"
    sentence: ClassVar[str] = "La Caf n’a pas encore confirmé la condition propre à ce profil."
    field: ClassVar[str | None] = "profil"


class NoRole(Refusal):
    """There is no role to take away."""

    code: ClassVar[str] = "role_absent"
    sentence: ClassVar[str] = "Ce groupe n’a pas de rôle."
    field: ClassVar[str | None] = "groupe_id"


class MembreOtherProfil(OtherProfil):
    """Somebody of the group has another profile by another group [seed 003]."""

    sentence: ClassVar[str] = (
        "Un membre de ce groupe a déjà le profil {profil} par le groupe « {groupe} »."
    )
    field: ClassVar[str | None] = "groupe_id"
