"""The address of a person that a mail server refused for good, and the mails that wait for another.

One document per person, made at the first refusal. The refused address is kept as long as it is
the one in use, and no longer.
"""

from collections.abc import Collection
from datetime import datetime
from typing import ClassVar

from shared.path.decision import Document

MOST_HELD = 50
"""Mails held for one person (assumed): what would come on top is given up."""


class Adresse(Document):
    """What is known of the address of a person; id = user id.

    `mail` is the address refused, None once it was corrected; `retenus` are the mails held.
    """

    COLLECTION: ClassVar[str] = "adresses"

    mail: str | None = None
    smtp_code: int | None = None
    signalee_le: datetime | None = None
    retenus: tuple[str, ...] = ()

    def refuses(self, mail: str) -> bool:
        """Whether nothing is to be sent to this address."""
        return self.mail == mail

    @property
    def is_full(self) -> bool:
        """Whether no more mails are held for it."""
        return len(self.retenus) >= MOST_HELD

    def keeping(self, still_held: Collection[str]) -> "Adresse":
        """Without the mails that ended while they were held."""
        return self.changed(retenus=tuple(id for id in self.retenus if id in still_held))

    def holding(self, mail_id: str) -> "Adresse":
        """With one more mail that waits for it to be corrected."""
        if mail_id in self.retenus:
            return self
        return self.changed(retenus=(*self.retenus, mail_id))

    def corrected(self) -> "Adresse":
        """Another address is in use, or this one works again: nothing is held."""
        return self.changed(mail=None, smtp_code=None, signalee_le=None, retenus=())


def flag(
    known: Adresse | None, user_id: str, *, mail: str, smtp_code: int, now: datetime
) -> Adresse:
    """The address of a person, refused for good by a server."""
    return (known or Adresse(id=user_id)).changed(mail=mail, smtp_code=smtp_code, signalee_le=now)
