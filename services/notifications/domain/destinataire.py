"""What notifications knows of a person: where to write, which secrets are worthless."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.notifications.domain.adresse import Adresse
from shared.contracts.comptes import EtatCompte, GenreCompte
from shared.contracts.identity import SERVICE as IDENTITY
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
    `mail_depuis` is when the address changed last; `clos_le` the moment of the closing.
    Of temporary passwords, only numbers that never go down are kept: a copy that lags behind can
    then let a mail go out that is no longer useful, and never stop one that is.
    `personnalisee`: those up to it are worthless, one was personalised, or what they opened or
    where they went is no more: the account was closed, the address changed.
    `emise`: those before it are, a newer one was issued.
    """

    COLLECTION: ClassVar[str] = "destinataires"
    FOREIGN: ClassVar[bool] = True

    mail: str | None = None
    mail_depuis: datetime | None = None
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

    @property
    def createur(self) -> str | None:
        """The person who opened the account, if it was one: not a service, nor a system."""
        of_a_system = self.created_by == IDENTITY or self.genre == GenreCompte.BAILLEUR
        return None if of_a_system else self.created_by

    @property
    def is_closed(self) -> bool:
        """Whether the account is closed, as told last."""
        return self.etat == EtatCompte.CLOTURE

    def was_closed_after(self, at: datetime) -> bool:
        """Whether the account is closed, and was open at that moment."""
        return self.is_closed and self.clos_le is not None and self.clos_le > at

    def makes_worthless(self, generation: int) -> bool:
        """Whether the temporary password of that generation opens nothing any more."""
        return generation <= self.personnalisee or generation < self.emise


@dataclass(frozen=True, slots=True)
class Connus:
    """What is known of those whom a mail concerns: who gets it, who it is about, their address."""

    destinataire: Destinataire | None = None
    sujet: Destinataire | None = None
    adresse: Adresse | None = None
