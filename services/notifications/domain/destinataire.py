"""What notifications knows of a person: which of their temporary passwords are worthless."""

from typing import ClassVar

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

    Only numbers that never go down are kept: a copy that lags behind can then let a mail go out
    that is no longer useful, and never stop one that is.
    `personnalisee`: temporary passwords up to it are worthless, one was personalised.
    `emise`: those before it are, a newer one was issued.
    """

    COLLECTION: ClassVar[str] = "destinataires"
    FOREIGN: ClassVar[bool] = True

    personnalisee: int = 0
    emise: int = 0

    def makes_worthless(self, generation: int) -> bool:
        """Whether the temporary password of that generation opens nothing any more."""
        return generation <= self.personnalisee or generation < self.emise
