"""What may be supposed, to see what it would change before it is done."""

from typing import Annotated, Literal

from pydantic import Field

from services.habilitation.forms.conventions import ClosingForm, ContratForm, MotifForm
from services.habilitation.forms.form import Form
from services.habilitation.forms.groupes import EndingForm, MembreForm, MoveForm, RoleForm
from shared.contracts.conventions import CodeProfil, CodeService
from shared.contracts.envelope import Id


class AjoutSuppose(MembreForm):
    """Et si une personne rejoignait un groupe ?"""

    commande: Literal["add_appartenance"]
    groupe_id: Id


class RetraitSuppose(EndingForm):
    """Et si une personne quittait un groupe ?"""

    commande: Literal["end_appartenance"]
    groupe_id: Id
    user_id: Id


class PassageSuppose(MoveForm):
    """Et si une personne passait d’un groupe à un autre ?"""

    commande: Literal["move_appartenance"]
    groupe_id: Id
    user_id: Id


class RoleSuppose(RoleForm):
    """Et si un groupe recevait ce rôle ?"""

    commande: Literal["assign_role"]
    groupe_id: Id


class GroupeSuppose(Form):
    """Et si un groupe perdait son rôle, ou était rouvert, ou supprimé ?"""

    commande: Literal["withdraw_role", "reopen_groupe", "delete_groupe"]
    groupe_id: Id


class GroupeClosSuppose(ClosingForm):
    """Et si un groupe était clôturé ?"""

    commande: Literal["close_groupe"]
    groupe_id: Id


class ServiceSuspenduSuppose(MotifForm):
    """Et si un service de la convention était suspendu ?"""

    commande: Literal["suspend_service"]
    service: CodeService


class ServiceSuppose(Form):
    """Et si un service était rétabli, résilié, ou son éligibilité enregistrée ?"""

    commande: Literal["resume_service", "terminate_bulletin", "record_eligibilite"]
    service: CodeService


class ConditionSupposee(Form):
    """Et si la condition d’un profil était confirmée ?"""

    commande: Literal["confirm_condition"]
    profil: CodeProfil


class ContratSuppose(ContratForm):
    """Et si le contrat de service était signé ainsi ?"""

    commande: Literal["sign_contrat"]


class SuspensionSupposee(MotifForm):
    """Et si la convention était suspendue ?"""

    commande: Literal["suspend_convention"]


class ClotureSupposee(ClosingForm):
    """Et si la convention était clôturée ?"""

    commande: Literal["close_convention"]


class ConventionSupposee(Form):
    """Et si la convention était validée, ou sa suspension levée ?"""

    commande: Literal["validate_convention", "resume_convention"]


Supposition = Annotated[
    AjoutSuppose
    | RetraitSuppose
    | PassageSuppose
    | RoleSuppose
    | GroupeSuppose
    | GroupeClosSuppose
    | ServiceSuspenduSuppose
    | ServiceSuppose
    | ConditionSupposee
    | ContratSuppose
    | SuspensionSupposee
    | ClotureSupposee
    | ConventionSupposee,
    Field(discriminator="commande"),
]
"""A command, by its name, with what it would say."""
