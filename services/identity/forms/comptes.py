"""What is asked of accounts."""

from datetime import date

from pydantic import BaseModel

from services.identity.domain.errors import MailNotConfirmed, TelephoneNotConfirmed
from services.identity.forms.form import Form
from shared.contracts.comptes import (
    Fonctions,
    Groupes,
    Mail,
    OtherTelephone,
    Poste,
    Telephone,
    Texte,
)
from shared.contracts.envelope import CodeCaf, Id, NumeroConvention


class Confirmed(Form):
    """Une adresse et un téléphone s’il y en a, saisis deux fois [seed 001][seed 002]."""

    def check_confirmed(self) -> None:
        """Compare what was typed twice. Raises MailNotConfirmed, TelephoneNotConfirmed."""
        for name, refusal in (("mail", MailNotConfirmed), ("telephone", TelephoneNotConfirmed)):
            typed = getattr(self, name, None)
            if typed and _plain(typed) != _plain(getattr(self, f"{name}_confirmation")):
                raise refusal


class UserForm(Confirmed):
    """Une personne à qui ouvrir un compte."""

    user_id: Id | None = None
    convention_id: NumeroConvention
    nom: Texte
    prenom: Texte
    mail: Mail
    mail_confirmation: Mail
    telephone: Telephone | None = None
    telephone_confirmation: Telephone | None = None
    poste: Poste = Poste.SEDENTAIRE
    groupes: Groupes = ()
    ouverture: date | None = None
    cloture: date | None = None


class AgentForm(Confirmed):
    """Un agent à qui ouvrir un compte interne."""

    user_id: Id | None = None
    caf: CodeCaf
    fonctions: Fonctions
    nom: Texte
    prenom: Texte
    mail: Mail
    mail_confirmation: Mail
    telephone: Telephone | None = None
    telephone_confirmation: Telephone | None = None
    ouverture: date | None = None
    cloture: date | None = None


class UserChanges(Confirmed):
    """Ce qui change d’une personne ; ce qui est absent reste, un téléphone vide est retiré."""

    nom: Texte | None = None
    prenom: Texte | None = None
    mail: Mail | None = None
    mail_confirmation: Mail | None = None
    telephone: OtherTelephone | None = None
    telephone_confirmation: OtherTelephone | None = None
    poste: Poste | None = None
    fonctions: Fonctions | None = None
    ouverture: date | None = None


class ClosingForm(Form):
    """Le jour de la clôture ; aujourd’hui si rien n’est dit."""

    cloture: date | None = None


class UserRef(BaseModel):
    """Le compte ouvert ou modifié."""

    user_id: str


def _plain(typed: str | None) -> str | None:
    """What was typed, whatever the case and what separates digits."""
    return None if typed is None else "".join(typed.split()).lower()
