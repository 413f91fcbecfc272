"""What is asked and shown of command tokens."""

from typing import Annotated

from pydantic import BaseModel, StringConstraints

from services.identity.forms.form import Form


class TokenForm(Form):
    """Le topic de commandes, ou la porte HTTP, auquel le jeton est destiné."""

    audience: Annotated[str, StringConstraints(pattern=r"^mcp\.[a-z]+\.(commands|http)$")]


class TokenGiven(BaseModel):
    """Un jeton de commande, valable cinq minutes (RFC 6749 §5.1)."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - a scheme
    expires_in: int
