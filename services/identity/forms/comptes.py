"""What is asked and shown of accounts."""

from datetime import datetime

from pydantic import BaseModel

from services.identity.forms.form import Form
from shared.contracts.comptes import EtatCompte, Mail, Poste, Telephone, Texte
from shared.contracts.envelope import Id, NumeroConvention


class UserForm(Form):
    """Une personne à qui ouvrir un compte."""

    user_id: Id | None = None
    convention_id: NumeroConvention
    nom: Texte
    prenom: Texte
    mail: Mail
    mail_confirmation: Mail | None = None
    telephone: Telephone | None = None
    telephone_confirmation: Telephone | None = None
    poste: Poste = Poste.SEDENTAIRE


class UserChanges(Form):
    """Ce qui change d’une personne ; ce qui est absent reste."""

    nom: Texte | None = None
    prenom: Texte | None = None
    telephone: Telephone | None = None
    poste: Poste | None = None


class UserRef(BaseModel):
    """Le compte ouvert ou modifié."""

    user_id: str


class UserView(BaseModel):
    """Un compte tel que l’agent de la Caf le voit."""

    user_id: str
    identifiant: str
    convention_id: str | None
    nom: str
    prenom: str
    mail: str
    telephone: str | None
    poste: Poste
    etat: EtatCompte
    signed_in_at: datetime | None
