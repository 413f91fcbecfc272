"""What is asked and shown of sessions and passwords."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, SecretStr, StringConstraints

from services.identity.domain.session import Portee
from services.identity.forms.form import Form
from shared.contracts.comptes import Mail

Identifiant = Annotated[str, StringConstraints(min_length=1, max_length=32)]
CaptchaId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{22}$")]


class SignInForm(Form):
    """Identifiant et mot de passe, provisoire ou personnel."""

    identifiant: Identifiant
    mot_de_passe: SecretStr


class SessionOpened(BaseModel):
    """Une session ouverte ; le jeton ne sera pas redonné."""

    token: str
    user_id: str
    must_change_password: bool
    last_sign_in_at: str | None
    regles_a_accepter: str | None


class SessionView(BaseModel):
    """Une session, et jusqu’à quand elle vaut : sans activité, et au plus tard."""

    user_id: str
    portee: Portee
    opened_at: datetime
    idle_until: datetime
    ends_at: datetime


class PasswordForm(Form):
    """Le mot de passe choisi."""

    nouveau_mot_de_passe: SecretStr


class PasswordUpdate(Form):
    """Le mot de passe en usage et le nouveau."""

    identifiant: Identifiant
    mot_de_passe: SecretStr
    nouveau_mot_de_passe: SecretStr


class CaptchaForm(Form):
    """L’image à remplacer, s’il y en a une : elle ne vaudra plus rien."""

    precedent: CaptchaId | None = None


class CaptchaGiven(BaseModel):
    """Une image à recopier, ou une question à laquelle répondre, au choix."""

    captcha_id: str
    image: str
    texte: str
    expires_at: datetime


class CaptchaText(BaseModel):
    """La question, à lire ou à écouter."""

    question: str


class ForgottenForm(Form):
    """L’adresse mail du compte et la réponse à l’image ou à la question."""

    mail: Mail
    captcha_id: CaptchaId
    reponse: Annotated[str, StringConstraints(min_length=1, max_length=64)]
