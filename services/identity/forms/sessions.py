"""What is asked and shown of sessions and passwords."""

from typing import Annotated

from pydantic import BaseModel, SecretStr, StringConstraints

from services.identity.forms.form import Form


class SignInForm(Form):
    """Identifiant et mot de passe, provisoire ou personnel."""

    identifiant: Annotated[str, StringConstraints(min_length=1, max_length=32)]
    mot_de_passe: SecretStr


class SessionOpened(BaseModel):
    """Une session ouverte ; le jeton ne sera pas redonné."""

    token: str
    user_id: str
    must_change_password: bool
    last_sign_in_at: str | None


class PasswordForm(Form):
    """Le mot de passe choisi."""

    nouveau_mot_de_passe: SecretStr
