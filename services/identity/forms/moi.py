"""What a person is asked and shown of his own account."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, SecretStr, StringConstraints

from services.identity.domain.aide import Probleme, RoleDeclare
from services.identity.forms.comptes import Confirmed
from services.identity.forms.form import Form
from shared.contracts.comptes import (
    EtatCompte,
    Fonction,
    GenreCompte,
    Mail,
    NatureIncident,
    Poste,
    Telephone,
)
from shared.contracts.comptes import VersionRegles as Version

LONGEST_DESCRIPTION = 1000
"""Characters of an incident's description (assumed); sealed, it must fit its fact."""


class Me(BaseModel):
    """Son propre compte."""

    user_id: str
    identifiant: str
    genre: GenreCompte
    convention_id: str | None
    organisme: str | None
    caf: str | None
    fonctions: tuple[Fonction, ...]
    nom: str
    prenom: str
    mail: str
    telephone: str | None
    poste: Poste
    etat: EtatCompte
    ouverture: date
    cloture: date | None
    signed_in_at: datetime | None
    regles_acceptees: str | None
    regles_a_accepter: str | None


class MailForm(Confirmed):
    """Sa nouvelle adresse, saisie deux fois, et son mot de passe."""

    mail: Mail
    mail_confirmation: Mail
    mot_de_passe: SecretStr


class TelephoneForm(Confirmed):
    """Son numéro de téléphone, saisi deux fois ; rien pour ne plus en avoir."""

    telephone: Telephone | None
    telephone_confirmation: Telephone | None = None


class ReglesView(BaseModel):
    """Les règles d’usage en vigueur."""

    version: str
    texte: str


class ReglesForm(Form):
    """La version lue et acceptée."""

    version: Version


class IncidentForm(Form):
    """Un incident de sécurité, avec ses propres mots."""

    nature: NatureIncident
    description: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_DESCRIPTION)]


class IncidentRef(BaseModel):
    """Le signalement enregistré."""

    incident_id: str


class Choice(BaseModel):
    """Une réponse possible à une question."""

    code: str
    libelle: str


class AideView(BaseModel):
    """Le questionnaire « Problème de connexion »."""

    roles: tuple[Choice, ...]
    problemes: tuple[Choice, ...]


class AideForm(Form):
    """Qui l’on est, et ce qui ne va pas."""

    role: RoleDeclare
    probleme: Probleme


class AideReponse(BaseModel):
    """Que faire, et à qui s’adresser."""

    reponse: str


class ConnexionView(BaseModel):
    """Ce que dit la page de connexion."""

    titre: str
    acces: str
    avertissement: str
    engagement: str
