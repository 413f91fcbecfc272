"""What the HTTP door of identity takes and gives."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, SecretStr, StringConstraints

from shared.contracts.comptes import EtatCompte, Mail, Poste, Telephone, Texte
from shared.contracts.envelope import Id, NumeroConvention


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class SignInForm(_Form):
    """Identifiant et mot de passe, provisoire ou personnel."""

    identifiant: Annotated[str, StringConstraints(min_length=1, max_length=32)]
    mot_de_passe: SecretStr


class SessionOpened(BaseModel):
    """Une session ouverte ; le jeton ne sera pas redonné."""

    token: str
    user_id: str
    must_change_password: bool
    last_sign_in_at: str | None


class PasswordForm(_Form):
    """Le mot de passe choisi."""

    nouveau_mot_de_passe: SecretStr


class UserForm(_Form):
    """Une personne à qui ouvrir un compte."""

    user_id: Id | None = None
    convention_id: NumeroConvention
    nom: Texte
    prenom: Texte
    mail: Mail
    telephone: Telephone | None = None
    poste: Poste = Poste.SEDENTAIRE


class UserChanges(_Form):
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


class TokenForm(_Form):
    """Le topic de commandes auquel le jeton est destiné."""

    audience: Annotated[str, StringConstraints(pattern=r"^mcp\.[a-z]+\.commands$")]


class TokenGiven(BaseModel):
    """Un jeton de commande, valable cinq minutes (RFC 6749 §5.1)."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - a scheme
    expires_in: int
