"""What is asked of conventions, of what is signed under them, of their administrateurs."""

from typing import Annotated, Any, ClassVar

from pydantic import Field, StrictBool

from services.habilitation.forms.form import Answer, Day, Form
from services.habilitation.forms.personnes import Choosing, PersonneForm
from shared.contracts.conventions import (
    MOST_DEPARTEMENTS,
    MOST_PROFILS,
    CodeProfil,
    CodeService,
    Libelle,
    ObjetSollicitation,
    Portee,
    Rang,
    Siret,
)
from shared.contracts.envelope import Code, CodeCaf, Id, NumeroConvention, ShortText
from shared.contracts.habilitation_commands import Departements
from shared.ids import draw_id


class ConventionForm(Form):
    """Un organisme partenaire et sa convention, encore en brouillon."""

    convention_id: NumeroConvention
    siret: Siret
    organisme: Libelle
    type_organisme: Code
    departements: Departements
    caf: CodeCaf | None = None
    ouverture: Day | None = None
    cloture: Day | None = None


class ConventionChanges(Form):
    """Un avenant ; ce qui est absent reste. `sans_cloture` retire une clôture à venir."""

    organisme: Libelle | None = None
    type_organisme: Code | None = None
    departements: Departements | None = None
    caf: CodeCaf | None = None
    ouverture: Day | None = None
    cloture: Day | None = None
    sans_cloture: StrictBool = False


class MotifForm(Form):
    """Pourquoi une convention, ou un service, est suspendu."""

    motif: ShortText


class ClosingForm(Form):
    """Le jour de la clôture ; aujourd’hui si rien n’est dit."""

    cloture: Day | None = None


class ContratForm(Form):
    """Le contrat de service : gestion déléguée des habilitations, ou non."""

    gestion_deleguee: StrictBool


class ProfilForm(Form):
    """Un profil CDAP accordé : missions, finalité, fondement, destinataires, portée."""

    profil: CodeProfil
    missions: ShortText
    finalite: ShortText
    fondement: ShortText
    destinataires: ShortText
    portee: Portee = Portee.CAF
    cafs: Annotated[tuple[CodeCaf, ...], Field(max_length=MOST_DEPARTEMENTS)] = ()


class BulletinForm(Choosing):
    """Le bulletin d’adhésion d’un service.

    Celui d’AFAS nomme le responsable des deux groupes AFAS, choisi ou à créer.
    """

    COMPTE: ClassVar[str] = "responsable_id"
    PERSONNE: ClassVar[str] = "responsable"
    MUST: ClassVar[bool] = False

    profils: Annotated[tuple[ProfilForm, ...], Field(max_length=MOST_PROFILS)] = ()
    responsable_id: Id | None = None
    responsable: PersonneForm | None = None


class AdministrateurForm(Choosing):
    """Un administrateur à désigner : un compte de la convention, ou une personne à créer."""

    COMPTE: ClassVar[str] = "user_id"
    PERSONNE: ClassVar[str] = "personne"

    rang: Rang
    user_id: Id | None = None
    personne: PersonneForm | None = None


class SuccesseurForm(Choosing):
    """Qui remplace un administrateur : un compte de la convention, ou une personne à créer."""

    COMPTE: ClassVar[str] = "user_id"
    PERSONNE: ClassVar[str] = "personne"

    user_id: Id | None = None
    personne: PersonneForm | None = None


class SollicitationForm(Form):
    """Ce qu’un administrateur demande à sa Caf ; l’objet du mail est composé."""

    objet: ObjetSollicitation
    service: CodeService | None = None
    message: ShortText

    def asked(self) -> dict[str, Any]:
        """What a command says of it: its id is drawn here."""
        return super().asked() | {"sollicitation_id": draw_id()}


class ConventionRef(Answer):
    """La convention enregistrée ou modifiée."""

    convention_id: str


class BulletinRef(Answer):
    """Le service ; `responsable_id` est celui des groupes AFAS, s’il vient d’être nommé."""

    convention_id: str
    service: CodeService
    responsable_id: str | None = None


class AdministrateurRef(Answer):
    """L’administrateur désigné ou relevé ; un compte à créer portera cet identifiant technique."""

    convention_id: str
    user_id: str


class SollicitationRef(Answer):
    """La demande transmise à la Caf."""

    convention_id: str
    sollicitation_id: str
