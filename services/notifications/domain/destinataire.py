"""What notifications knows of a person: where to write, which secrets are worthless."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.notifications.domain.adresse import Adresse
from shared.path.decision import Document


class DernierSecret(Document):
    """The newest temporary password of a person and the mail that carries it; id = user id.

    Written with every mail of a password, so that two of them never overlook each other.
    """

    COLLECTION: ClassVar[str] = "derniers_secrets"

    generation: int
    mail_id: str


class Destinataire(Document):
    """What identity told of a person, in this service's copy; id = user id.

    A field is absent until a fact that tells it was read. `created_by` opened the account;
    `ancienne_mail` is the address before the last change; `clos_le` the moment of its closing.
    Of temporary passwords, only numbers that never go down are kept: a copy that lags behind can
    then let a mail go out that is no longer useful, and never stop one that is.
    `personnalisee`: those up to it are worthless, one was personalised.
    `emise`: those before it are, a newer one was issued.
    """

    COLLECTION: ClassVar[str] = "destinataires"
    FOREIGN: ClassVar[bool] = True

    mail: str | None = None
    ancienne_mail: str | None = None
    nom: str | None = None
    prenom: str | None = None
    etat: str | None = None
    clos_le: datetime | None = None
    genre: str | None = None
    caf: str | None = None
    convention_id: str | None = None
    created_by: str | None = None
    personnalisee: int = 0
    emise: int = 0

    def makes_worthless(self, generation: int) -> bool:
        """Whether the temporary password of that generation opens nothing any more."""
        return generation <= self.personnalisee or generation < self.emise


@dataclass(frozen=True, slots=True)
class Connus:
    """What is known of those whom a mail concerns: who gets it, who it is about, their address."""

    destinataire: Destinataire | None = None
    sujet: Destinataire | None = None
    adresse: Adresse | None = None
