"""A letter as its reader sees it."""

import re
from datetime import timedelta
from html.parser import HTMLParser

from deploy.local.mails import Mail, parse_mail
from services.notifications.caisses import Caisses
from services.notifications.content import CONTENUS
from services.notifications.correspondence import Correspondence
from services.notifications.domain.modele import Modele
from services.notifications.message import Letters
from services.notifications.ports import Letter
from services.notifications.rendering import Writer
from shared.contracts.comptes import GenreCompte
from shared.security.sealing import Opener
from tests.notifications.builders import IDENTIFIANT, KEYS, NOW, PASSWORD

PORTAL = "https://mcp.example"
SENDER = "ne-pas-repondre@mcp.example"
MESSAGE_ID = "<0123456789abcdef0123456789abcdef@mcp.example>"
WRITER = Writer(PORTAL)
LETTERS = Letters(SENDER)
CAISSES = Caisses.load(None, with_demonstration=True)
CORRESPONDENCE = Correspondence(Opener(KEYS), WRITER, LETTERS, CAISSES)
SAYS = {
    "user_id": "u1",
    "generation": 1,
    "expires_at": NOW + timedelta(hours=24),
    "to": "u1@commune.example",
    "prenom": "Zoé",
    "nom": "Été-Durand",
    "identifiant": IDENTIFIANT,
    "mot_de_passe": PASSWORD,
    "le": NOW,
    "jusqu_a": NOW + timedelta(minutes=15),
    "comment": "mise_a_jour",
    "sujet_prenom": "Aïcha",
    "sujet_nom": "Benali",
    "sujet_mail": "aicha.benali@commune.example",
    "convention": "19_214",
    "organisme": "Mairie de Valfleury",
    "nature": "compte_partage",
    "reference": "0f8fad5bd9cb469fa16570867728950e",
    "description": "Mon collègue s’est servi de mon compte.",
    "titre": "administrateur",
    "motif": "adresse_deja_utilisee",
    "groupe": "T1AS",
    "demande": "avenant",
    "service": "cdap",
    "intitule": "CDAP 19_214 Mairie de Valfleury",
    "activite": "Accueil de loisirs Les Tilleuls",
    "exercice": "2026",
    "echeance": "2026-03-31",
}
"""A value for everything that some mail says."""


def written(modele: Modele, *, to: str = "u1@commune.example", **says: object) -> Letter:
    """One mail, ready to go, to a partner of the Caf 931; `says` replaces what it says."""
    content = CONTENUS[modele].model_validate(SAYS | {"to": to} | says)
    words = WRITER.write(modele, content, caisse=CAISSES.get("931"), genre=GenreCompte.PARTENAIRE)
    return LETTERS.make(words, to=to, message_id=MESSAGE_ID, at=NOW)


def read(letter: Letter) -> Mail:
    """The mail as the sink would have kept it."""
    return parse_mail(
        {
            "sender": letter.sender,
            "recipients": [letter.recipient],
            "received_at": NOW.isoformat(),
            "raw": letter.content.decode("ascii"),
        }
    )


class Page(HTMLParser):
    """The text of an HTML body, its tags, and what each is said to be."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Note its end."""
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Note a text and the tags around it."""
        for tag in {*self._open, "*"}:
            self.texts.setdefault(tag, []).append(data)

    def text(self, tag: str = "*") -> str:
        """All the text inside such tags."""
        return "".join(self.texts.get(tag, []))


def words_of(text: str) -> list[str]:
    """The words of a text; numbers of a list do not count, HTML draws them itself."""
    return re.sub(r"(?m)^\d\. ", "", text).split()
