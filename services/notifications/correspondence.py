"""From a mail in hand to a letter ready to go: what it says, to whom, from whom."""

from datetime import datetime

from services.notifications.caisses import Caisses, Contact
from services.notifications.content import (
    Contenu,
    ContenuIncidentSignale,
    ContenuScelle,
    content_of,
    recipient_of,
)
from services.notifications.domain.destinataire import Connus
from services.notifications.domain.envoi import Envoi
from services.notifications.message import Letters
from services.notifications.ports import Letter
from services.notifications.rendering import Writer
from shared.security.sealing import Opener


class Correspondence:
    """Writes the letters of this service."""

    def __init__(self, opener: Opener, writer: Writer, letters: Letters, caisses: Caisses) -> None:
        self._opener = opener
        self._writer = writer
        self._letters = letters
        self._caisses = caisses

    def letter(self, envoi: Envoi, connus: Connus, at: datetime) -> Letter:
        """One mail, ready to go.

        Raises:  RecipientUnknown; SealBroken; UnknownSealingKey; AddressRefused
        """
        content = content_of(self._opener, envoi, connus)
        known = connus.destinataire
        caisse = self._caisses.get(envoi.caf or (None if known is None else known.caf))
        contact = None if caisse is None else caisse.contact
        recipient = recipient_of(content, envoi, connus, _address(contact, content))
        genre = content.genre if isinstance(content, ContenuScelle) else None
        words = self._writer.write(
            envoi.modele,
            content,
            caisse=caisse,
            genre=genre if known is None or known.genre is None else known.genre,
        )
        sender = None if caisse is None else caisse.expediteur
        return self._letters.make(
            words,
            to=recipient,
            message_id=envoi.message_id,
            at=at,
            sender=None if sender is None else (sender.adresse, sender.nom),
        )


def _address(contact: Contact | None, content: Contenu) -> str | None:
    """Where what is for a Caf goes."""
    if contact is None:
        return None
    if isinstance(content, ContenuIncidentSignale):
        return contact.of_incident(content.nature)
    return contact.technique
