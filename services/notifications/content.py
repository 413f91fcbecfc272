"""What a sealed secret says, to whom: in memory only, while its mail is built."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from services.notifications.domain.envoi import Envoi, Modele
from shared.security.sealing import Opener, SealBroken

Secret = Annotated[str, Field(min_length=1, repr=False)]
"""Text that no log, trace or error may show."""


class Contenu(BaseModel):
    """What every mail says. Which mail it belongs to is sealed with it."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    user_id: str
    generation: int
    expires_at: AwareDatetime
    to: Secret
    prenom: Secret
    nom: Secret


class ContenuIdentifiant(Contenu):
    """The mail of the identifiant."""

    identifiant: Secret


class ContenuMotDePasse(Contenu):
    """The mail of the temporary password."""

    mot_de_passe: Secret


CONTENUS: dict[Modele, type[Contenu]] = {
    Modele.IDENTIFIANT: ContenuIdentifiant,
    Modele.MOT_DE_PASSE_PROVISOIRE: ContenuMotDePasse,
}


def open_content(opener: Opener, envoi: Envoi) -> Contenu:
    """What a mail says.

    Raises:  UnknownSealingKey; SealBroken when it was altered or sealed for another mail
    """
    payload = opener.open(envoi.key_id, envoi.sealed or "")
    content = _read(CONTENUS[envoi.modele], payload)
    sealed_for = (content.user_id, content.generation, _milliseconds(content.expires_at))
    if sealed_for != (envoi.user_id, envoi.generation, _milliseconds(envoi.expires_at)):
        raise SealBroken
    return content


def _read(model: type[Contenu], payload: dict[str, Any]) -> Contenu:
    try:
        return model.model_validate(payload)
    except ValidationError:
        raise SealBroken from None  # names the fields of a secret


def _milliseconds(at: datetime) -> int:
    """The store keeps milliseconds, the sealed JSON may keep more."""
    return int(at.timestamp() * 1000)
