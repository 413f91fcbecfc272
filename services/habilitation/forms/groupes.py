"""What is asked of groups, of their role, of their members."""

from typing import Any, ClassVar

from services.habilitation.forms.form import Answer, Day, Form
from services.habilitation.forms.personnes import Choosing, PersonneForm
from shared.contracts.comptes import Groupes
from shared.contracts.conventions import CodeGroupe, CodeProfil, CodeService, Libelle
from shared.contracts.envelope import Id
from shared.ids import draw_id


class GroupeForm(Choosing):
    """Un groupe et son responsable d’habilitations, choisi ou à créer [seed 004]."""

    COMPTE: ClassVar[str] = "responsable_id"
    PERSONNE: ClassVar[str] = "responsable"

    code: CodeGroupe
    libelle: Libelle
    responsable_id: Id | None = None
    responsable: PersonneForm | None = None
    ouverture: Day | None = None
    cloture: Day | None = None
    parent_id: Id | None = None

    def asked(self) -> dict[str, Any]:
        """What a command says of it: its id is drawn here."""
        return super().asked() | {"groupe_id": draw_id()}


class GroupeChanges(Choosing):
    """Ce qui change d’un groupe ; ce qui est absent reste."""

    COMPTE: ClassVar[str] = "responsable_id"
    PERSONNE: ClassVar[str] = "responsable"
    MUST: ClassVar[bool] = False

    libelle: Libelle | None = None
    ouverture: Day | None = None
    responsable_id: Id | None = None
    responsable: PersonneForm | None = None


class RoleForm(Form):
    """Le rôle d’un groupe : un service et, pour CDAP, un profil que la convention accorde."""

    service: CodeService
    profil: CodeProfil | None = None


class MembreForm(Form):
    """Qui rejoint un groupe, de quand à quand ; dès aujourd’hui si rien n’est dit."""

    user_id: Id
    debut: Day | None = None
    fin: Day | None = None


class UtilisateurForm(Form):
    """Une personne dont le compte est à ouvrir, et les groupes qu’elle rejoindra [seed 004]."""

    personne: PersonneForm
    groupes: Groupes = ()

    def asked(self) -> dict[str, Any]:
        """What a command says of it: its id is drawn here. Raises what the person's form does."""
        return {
            "user_id": draw_id(),
            "personne": self.personne.asked(),
            "groupes": list(self.groupes),
        }


class EndingForm(Form):
    """Le jour où une appartenance cesse, ce jour exclu ; aujourd’hui si rien n’est dit."""

    fin: Day | None = None


class MoveForm(Form):
    """Le groupe rejoint, et quand ; aujourd’hui si rien n’est dit."""

    vers_id: Id
    le: Day | None = None


class GroupeRef(Answer):
    """Le groupe ouvert ou modifié, et ce qu’il faut savoir sans que ce soit refusé."""

    AT: ClassVar[str] = "/conventions/{convention_id}/groupes/{groupe_id}"

    convention_id: str
    groupe_id: str
    responsable_id: str | None = None
    avertissement: str | None = None


class UtilisateurRef(Answer):
    """La personne dont le compte est demandé : identity le fait, et lui écrit."""

    convention_id: str
    user_id: str


class MembreRef(Answer):
    """La personne, et le groupe qu’elle a rejoint, ou quitté pour aucun autre."""

    AT: ClassVar[str] = "/utilisateurs/{user_id}"

    convention_id: str
    groupe_id: str
    user_id: str
