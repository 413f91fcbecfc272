"""The words of a mail: templates are code, what people typed is data and shows as it was typed."""

import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape

from services.notifications.caisses import Caisse
from services.notifications.content import Contenu
from services.notifications.domain.modele import A_LA_CAF, SECRETS, Modele
from services.notifications.moments import say_day, say_moment
from shared.contracts.comptes import GenreCompte, NatureIncident
from shared.contracts.conventions import ObjetSollicitation

TEMPLATES = Path(__file__).with_name("templates")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Control characters, line ends of Unicode, halves of characters."""
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Characters that turn the writing direction (UAX #9 §2)."""
ISOLATE, END_ISOLATE = "\u2068", "\u2069"
CONTROLS, DELETE = 0x20, 0x7F
CONTROL_PICTURES, DELETE_PICTURE = 0x2400, "\u2421"
"""Unicode block whose n-th character shows the n-th control character, and the one of DEL."""

NATURES: Mapping[str, str] = {
    NatureIncident.COMPTE_PARTAGE: "compte utilisé par plusieurs personnes",
    NatureIncident.MOT_DE_PASSE_DIVULGUE: "mot de passe divulgué",
    NatureIncident.ACCES_NON_AUTORISE: "accès non autorisé",
    NatureIncident.MATERIEL_PERDU_OU_VOLE: "matériel perdu ou volé",
    NatureIncident.DONNEES_DIVULGUEES: "données divulguées",
    NatureIncident.AUTRE: "autre",
}
"""What people read of the nature of an incident; an unknown one is « autre » (an open list)."""
MOTIFS: Mapping[str, str] = {
    "adresse_deja_utilisee": "l’adresse mail indiquée est déjà celle d’un autre compte ouvert",
    "adresse_indisponible": "l’adresse mail indiquée ne peut pas être utilisée",
    "adresse_invalide": "l’adresse mail indiquée n’est pas valable",
    "adresse_de_service": "l’adresse mail indiquée est celle d’un service, et non celle, "
    "individuelle et nominative, d’une personne",
    "nom_invalide": "le nom indiqué contient des caractères qui ne sont pas admis",
    "prenom_invalide": "le prénom indiqué contient des caractères qui ne sont pas admis",
    "compte_deja_ouvert": "un autre compte porte déjà la référence indiquée",
    "compte_cloture": "ce compte s’est clôturé avant de le rejoindre",
    "convention_cloturee": "la convention est clôturée",
    "convention_non_ouverte": "la convention n’est pas ouverte",
    "gestion_non_deleguee": "la gestion des habilitations n’est pas déléguée à votre organisme",
    "non_permis": "vous n’avez pas le droit d’y ajouter quelqu’un",
    "groupe_inconnu": "ce groupe n’existe pas",
    "groupe_cloture": "ce groupe est clôturé",
    "autre_profil": "cette personne a déjà un autre profil CDAP, par un autre groupe",
}
"""Why something was refused, by the code of the rule; an unknown one is said in no detail."""
SANS_DETAIL = "la demande n’a pas pu être acceptée"
DEMANDES: Mapping[str, str] = {
    ObjetSollicitation.AVENANT: "un avenant à la convention",
    ObjetSollicitation.ELIGIBILITE: "l’éligibilité à un service",
    ObjetSollicitation.DEPART_ADMINISTRATEUR: "le départ d’un administrateur",
    ObjetSollicitation.DEPART_GESTIONNAIRE: "le départ d’un gestionnaire d’habilitations",
}
"""What an administrateur asks his Caf for [seed 000][seed 002]."""
LONGEST_SUBJECT = 120
"""Characters of a subject that is composed for its reader (assumed: mail readers show fewer)."""
_IN_A_SUBJECT = frozenset(" _-'’.,&()")
"""What a subject may hold beside letters and digits: no colon, @ or slash makes a header, an
address or a link of it, no `=?` an encoded word."""
_OF_THE_ENVELOPE = {"to", "user_id", "generation", "issued_at", "expires_at", "genre"}


class Words(NamedTuple):
    """A mail in words: its subject, and twice the same text."""

    subject: str
    text: str
    html: str


class Writer:
    """Writes every kind of mail; the templates are read once."""

    def __init__(self, portal_url: str) -> None:
        self._portal_url = portal_url
        environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        environment.filters |= {
            "visible": show_controls,
            "moment": say_moment,
            "jour": say_day,
            "nature": say_nature,
            "motif": say_motif,
            "demande": say_demande,
            "lignes": show_lines,
        }
        self._templates: Mapping[Modele, Mapping[str, Template]] = {
            modele: {
                part: environment.get_template(f"{modele.value}/{part}")
                for part in ("subject.txt", "body.txt", "body.html")
            }
            for modele in Modele
        }
        self.subjects: Mapping[Modele, str] = {
            modele: parts["subject.txt"].render().strip()
            for modele, parts in self._templates.items()
        }

    def write(
        self,
        modele: Modele,
        content: Contenu,
        *,
        caisse: Caisse | None = None,
        genre: str | None = None,
    ) -> Words:
        """The words of one mail. Its subject is that of its kind, or composed for its reader.

        How to reach the Caf is told to partners, and never where a password or its loss is the
        matter: the Caf has nothing to do with those [seed 002]. Whom to ask depends on who asks,
        `genre` (`templates/interlocuteur.txt`).
        """
        tells_caf = genre == GenreCompte.PARTENAIRE and modele not in SECRETS | A_LA_CAF
        values = {
            **content.model_dump(exclude=_OF_THE_ENVELOPE),
            "nouveau": getattr(content, "generation", 1) > 1,
            "expiration": getattr(content, "expires_at", None),
            "portail": self._portal_url,
            "objet": self.subjects[modele],
            "caisse": caisse if tells_caf or modele in A_LA_CAF else None,
            "tells_caf": tells_caf,
            "genre": genre,
        }
        parts = self._templates[modele]
        return Words(
            in_a_subject(content.sujet) if content.sujet else self.subjects[modele],
            parts["body.txt"].render(values),
            parts["body.html"].render(values),
        )


def say_nature(code: str) -> str:
    """The nature of an incident in words."""
    return NATURES.get(code, NATURES[NatureIncident.AUTRE])


def say_motif(code: str) -> str:
    """Why something was refused, in words."""
    return MOTIFS.get(code, SANS_DETAIL)


def say_demande(code: str) -> str:
    """What an administrateur asks his Caf for, in words; another demand in none."""
    return DEMANDES.get(code, "une demande")


def in_a_subject(text: str) -> str:
    """What a subject may hold of a text: one short line of letters, digits and few signs."""
    composed = unicodedata.normalize("NFC", text)
    kept = (each if each.isalnum() or each in _IN_A_SUBJECT else " " for each in composed)
    return " ".join("".join(kept).split())[:LONGEST_SUBJECT].strip()


def show_controls(text: str) -> str:
    """A name on one line, reading its own way: control characters become visible pictures.

    What turns the writing direction stays, closed in an isolate, so that it cannot reach beyond.
    """
    shown = _CONTROLS.sub(_picture, text)
    return f"{ISOLATE}{shown}{END_ISOLATE}" if _BIDI.search(shown) else shown


def show_lines(text: str) -> list[str]:
    """What somebody typed on several lines, each as `show_controls` shows it."""
    return [show_controls(line) for line in text.replace("\r\n", "\n").split("\n")]


def _picture(control: re.Match[str]) -> str:
    code = ord(control[0])
    if code < CONTROLS:
        return chr(CONTROL_PICTURES + code)
    return DELETE_PICTURE if code == DELETE else "\ufffd"
