"""Every mail as its reader sees it: a page per template, from its samples, and a page of all."""

import html
from collections.abc import Iterator
from pathlib import Path
from string import Template

from services.notifications.caisses import Caisses
from services.notifications.content import CONTENUS
from services.notifications.domain.modele import A_LA_CAF, SECRETS, Modele
from services.notifications.rendering import TEMPLATES, Words, Writer
from shared.contracts.comptes import GenreCompte

MAILS = "docs/mails"
PORTAL = "https://mon-compte-partenaire.example"
CAF = "931"
"""The Caf of the samples."""
PARTNER = ((GenreCompte.PARTENAIRE, ""),)
GENRES = (
    *PARTNER,
    (GenreCompte.AGENT_CAF, "à un agent de la Caf"),
    (GenreCompte.BAILLEUR, "à un bailleur privé"),
)
"""Who reads a mail, as the title of a sample says it."""
WHOM_TO_ASK = "interlocuteur.txt"
LINE, LINE_REM, MARGIN_REM = 52, 1.45, 12.0
"""Characters and height of a line in the frame of a mail, and what is around its text."""

QUAND: dict[Modele, str] = {
    Modele.IDENTIFIANT: "un compte est ouvert, ou l’identifiant est renvoyé",
    Modele.MOT_DE_PASSE_PROVISOIRE: "un compte est ouvert, ou un nouveau mot de passe est demandé",
    Modele.MOT_DE_PASSE_MODIFIE: "un mot de passe est choisi ou changé",
    Modele.MOT_DE_PASSE_EXPIRE: "un mot de passe provisoire n’a pas servi dans les 24 heures",
    Modele.CONNEXION_RALENTIE: "trop de mots de passe faux : la connexion est ralentie",
    Modele.ADRESSE_QUITTEE: "l’adresse d’un compte change : à l’ancienne",
    Modele.ADRESSE_MODIFIEE: "l’adresse d’un compte change : à la nouvelle",
    Modele.ADRESSE_ADMINISTRATEUR: "l’adresse d’un administrateur partenaire change : à la Caf",
    Modele.COMPTE_CLOTURE: "un compte est clôturé",
    Modele.COMPTE_ROUVERT: "un compte est rouvert",
    Modele.INCIDENT_SIGNALE: "un incident de sécurité est signalé : à la Caf",
    Modele.INCIDENT_RECU: "un incident est transmis à la Caf : à qui le signale",
    Modele.MOT_DE_PASSE_NON_REMIS: "un mot de passe provisoire n’est pas arrivé : à qui a ouvert "
    "le compte",
    Modele.ADRESSE_SIGNALEE: "une adresse est refusée pour de bon : à qui a ouvert le compte",
    Modele.COMPTE_REFUSE: "le compte d’une personne désignée, ou demandé pour elle, ne peut pas "
    "être ouvert : à qui l’a voulu",
    Modele.APPARTENANCE_REFUSEE: "un groupe demandé à l’ouverture d’un compte est refusé : à qui "
    "l’a demandé",
    Modele.SOLLICITATION: "un administrateur partenaire sollicite sa Caf : à la Caf, sous un objet "
    "composé du service, du numéro de convention et de l’organisme",
    Modele.RELANCE: "une campagne de relances est demandée",
}
"""When each mail is written."""

_PAGE = Template(Path(__file__).with_name("mail_page.html").read_text(encoding="utf-8"))
_NOTE = (
    "<p>Page produite par <code>python -m deploy docs</code> à partir de "
    "<code>services/notifications/templates/</code> ; ne pas la modifier à la main. "
    "Les personnes sont inventées.</p>"
)


def mail_pages() -> dict[str, str]:
    """Path → text of every page."""
    writer, caisses = Writer(PORTAL), Caisses.load(None, with_demonstration=True)
    pages = {f"{MAILS}/index.html": _index(writer)}
    for modele in Modele:
        shown = [_sample(name, words) for name, words in _written(writer, caisses, modele)]
        pages[f"{MAILS}/{modele.value}.html"] = _mail(modele, writer.subjects[modele], shown)
    return pages


def _written(writer: Writer, caisses: Caisses, modele: Modele) -> Iterator[tuple[str, Words]]:
    for file in sorted((TEMPLATES / modele.value).glob("sample*.json")):
        content = CONTENUS[modele].model_validate_json(file.read_text(encoding="utf-8"))
        for genre, said in _genres(modele) if file.stem == "sample" else PARTNER:
            words = writer.write(modele, content, caisse=caisses.get(CAF), genre=genre)
            yield ", ".join(filter(None, (_name_of(file), said))), words


def _genres(modele: Modele) -> tuple[tuple[GenreCompte, str], ...]:
    """Each kind of reader, where the mail says whom to ask, which depends on it."""
    words = (TEMPLATES / modele.value / "body.txt").read_text(encoding="utf-8")
    return GENRES if WHOM_TO_ASK in words else PARTNER


def _name_of(file: Path) -> str:
    return file.stem.removeprefix("sample").removeprefix("_").replace("_", " ")


def _index(writer: Writer) -> str:
    rows = "\n".join(
        f'<tr><td><a href="{modele.value}.html">{writer.subjects[modele]}</a></td>'
        f"<td>{QUAND[modele]}</td><td>{_to(modele)}</td></tr>"
        for modele in Modele
    )
    body = (
        f"<h1>Les mails de Mon Compte Partenaire</h1>\n{_NOTE}\n<table>\n"
        '<thead><tr><th scope="col">Objet</th><th scope="col">Quand</th>'
        f'<th scope="col">Adresse</th></tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>'
    )
    return _PAGE.substitute(title="Les mails de Mon Compte Partenaire", body=body)


def _to(modele: Modele) -> str:
    if modele in A_LA_CAF:
        return "contact de la Caf"
    if modele in SECRETS:
        return "scellée avec le secret"
    return "ancienne adresse" if modele is Modele.ADRESSE_QUITTEE else "dernière adresse connue"


def _mail(modele: Modele, subject: str, shown: list[str]) -> str:
    body = "\n".join(
        [
            f"<h1>{subject}</h1>",
            _NOTE,
            "<dl>",
            f"<dt>Modèle</dt><dd><code>{modele.value}</code></dd>",
            f"<dt>Quand</dt><dd>{QUAND[modele]}</dd>",
            f"<dt>Adresse</dt><dd>{_to(modele)}</dd>",
            "</dl>",
            *shown,
            '<p><a href="index.html">Tous les mails</a></p>',
        ]
    )
    return _PAGE.substitute(title=subject, body=body)


def _sample(name: str, words: Words) -> str:
    """Both texts of a sample side by side, as mail readers show them."""
    title = f"Exemple : {name}" if name else "Exemple"
    page, text = html.escape(words.html), html.escape(words.text)
    lines = sum(1 + len(line) // LINE for line in words.text.splitlines())
    height = f"{MARGIN_REM + LINE_REM * lines:g}rem"
    return (
        f'<h2>{title}</h2>\n<div class="deux">\n'
        f'<iframe title="{title}, en HTML" sandbox style="height: {height}" '
        f'srcdoc="{page}"></iframe>\n'
        f"<pre>{text}</pre>\n</div>"
    )
