"""The words of the mails: what they say, that everybody can read them, that names stay names."""

import json
from typing import Any

import pytest
from jinja2 import UndefinedError

from services.notifications.caisses import Caisses
from services.notifications.content import CONTENUS, ContenuScelle
from services.notifications.domain.modele import A_LA_CAF, SECRETS, Modele
from services.notifications.rendering import (
    DEMANDES,
    LONGEST_SUBJECT,
    TEMPLATES,
    in_a_subject,
    say_demande,
    say_motif,
    say_nature,
    show_controls,
)
from shared.contracts.comptes import GenreCompte
from shared.contracts.conventions import ObjetSollicitation
from tests.notifications.builders import IDENTIFIANT, PASSWORD
from tests.notifications.letters import (
    CAISSES,
    PORTAL,
    SAYS,
    WRITER,
    Page,
    read,
    words_of,
    written,
)

MODELES = list(Modele)


@pytest.mark.parametrize("modele", MODELES)
def test_page_is_accessible(modele: Modele) -> None:
    page = Page(read(written(modele)).html)
    assert ("html", "lang", "fr") in page.attributes
    assert page.tags.count("h1") == page.tags.count("title") == 1
    assert page.text("h1") == page.text("title") != ""
    assert not {"table", "img", "script", "link", "form", "iframe", "style"} & set(page.tags)
    links = [value for tag, name, value in page.attributes if (tag, name) == ("a", "href")]
    assert links == [PORTAL]


@pytest.mark.parametrize("modele", MODELES)
def test_plain_text_says_the_same(modele: Modele) -> None:
    mail = read(written(modele))
    page = Page(mail.html)
    assert words_of(page.text("body")) == words_of(page.text("h1")) + words_of(mail.text)


@pytest.mark.parametrize("modele", MODELES)
def test_every_template_has_a_sample_that_renders(modele: Modele) -> None:
    samples = sorted((TEMPLATES / modele.value).glob("sample*.json"))
    assert TEMPLATES / modele.value / "sample.json" in samples
    for sample in samples:
        content = CONTENUS[modele].model_validate_json(sample.read_text())
        words = WRITER.write(modele, content)
        assert "Camille" in words.text
        assert "Camille" in words.html
        assert "{" not in words.text
        assert "\n\n\n" not in words.text


def test_identifiant_comes_alone_and_announces_the_second_mail() -> None:
    mail = read(written(Modele.IDENTIFIANT))
    for body in (mail.text, mail.html):
        assert IDENTIFIANT in body
        assert PASSWORD not in body
        assert "mot de passe provisoire arrive dans un second message" in body


def test_password_mail_says_until_when_how_and_whom_to_ask() -> None:
    mail = read(written(Modele.MOT_DE_PASSE_PROVISOIRE))
    page = Page(mail.html)
    for body in (mail.text.replace("\u00a0", " "), page.text("body").replace("\u00a0", " ")):
        assert PASSWORD in body
        assert IDENTIFIANT not in body
        assert PORTAL in body
        assert "vendredi 7 mars 2025 à 14 h 30 (heure de Paris)" in body
        assert "de 8 à 32 caractères" in body
        for needed in ("majuscule", "minuscule", "chiffre", "caractère spécial", "monétaires"):
            assert needed in body
        assert "« Mot de passe oublié »" in body
        assert "votre administrateur ou à votre gestionnaire d’habilitations" in body
        assert "La Caf n’intervient pas" in body


@pytest.mark.parametrize(
    ("says", "words"),
    [
        ({}, "Pour vous connecter la première fois"),
        ({"generation": 2}, "Un nouveau mot de passe provisoire a été demandé"),
        ({"generation": 2, "motif": "oubli"}, "Vous avez choisi « Mot de passe oublié »"),
        ({"generation": 2, "motif": "reinitialisation"}, "Votre Caf a demandé"),
        ({"generation": 2, "motif": "unheard_of"}, "Un nouveau mot de passe provisoire"),
    ],
)
def test_password_mail_says_why_there_is_one(says: dict[str, Any], words: str) -> None:
    text = plain(read(written(Modele.MOT_DE_PASSE_PROVISOIRE, **says)).text)
    assert words in text
    keeps = "tant que ce mot de passe provisoire n’a pas servi, le vôtre reste valable" in text
    assert keeps == bool(says)  # who has a password already keeps it until then


def test_identifiant_sent_again_announces_no_second_mail() -> None:
    text = plain(read(written(Modele.IDENTIFIANT, generation=2)).text)
    assert IDENTIFIANT in text
    assert "second message" not in text


def plain(text: str) -> str:
    """A text without the spaces that only hold words together."""
    return text.replace("\u00a0", " ")


CONTACT = "assistance@caf931.example, 01 99 00 09 31, du lundi au vendredi"


@pytest.mark.parametrize("modele", MODELES)
def test_caf_is_told_to_partners_but_never_with_a_secret(modele: Modele) -> None:
    mail = read(written(modele))
    for body in (plain(mail.text), plain(Page(mail.html).text("body"))):
        assert (CONTACT in " ".join(body.split())) == (modele not in SECRETS | A_LA_CAF)


@pytest.mark.parametrize("genre", [GenreCompte.AGENT_CAF, GenreCompte.BAILLEUR, None])
def test_only_partners_have_an_administrateur_who_reaches_the_caf(genre: str | None) -> None:
    content = CONTENUS[Modele.COMPTE_ROUVERT].model_validate(SAYS)
    words = WRITER.write(Modele.COMPTE_ROUVERT, content, caisse=CAISSES.get("931"), genre=genre)
    assert "Caf de la Seine-Saint-Denis" not in words.text


ASKS = [each for each in Modele if "interlocuteur" in (TEMPLATES / each / "body.txt").read_text()]


@pytest.mark.parametrize("modele", ASKS)
@pytest.mark.parametrize(
    ("genre", "whom"),
    [
        (GenreCompte.PARTENAIRE, "votre gestionnaire d’habilitations"),
        (GenreCompte.AGENT_CAF, "service habilitations de votre Caf"),
        (GenreCompte.BAILLEUR, "votre Caf"),
        (None, "la personne qui gère votre compte"),
    ],
)
def test_each_reader_is_told_whom_he_may_ask(
    modele: Modele, genre: GenreCompte | None, whom: str
) -> None:
    content = CONTENUS[modele].model_validate(SAYS)
    words = WRITER.write(modele, content, genre=genre)
    page = Page(words.html)
    assert words_of(page.text("body")) == words_of(page.text("h1")) + words_of(words.text)
    assert whom in " ".join(words.text.split())
    assert "\n\n\n" not in words.text
    if genre is not GenreCompte.PARTENAIRE:
        assert "administrateur" not in words.text
        assert "La Caf n’intervient pas" not in words.text


def test_caf_without_a_contact_is_only_named() -> None:
    caisse = Caisses.load(None, with_demonstration=False).get("931")
    content = CONTENUS[Modele.COMPTE_ROUVERT].model_validate(SAYS)
    words = WRITER.write(
        Modele.COMPTE_ROUVERT, content, caisse=caisse, genre=GenreCompte.PARTENAIRE
    )
    assert "Caf de la Seine-Saint-Denis." in words.text
    assert "peut la joindre" not in words.text


def test_incident_keeps_the_lines_of_who_wrote_it() -> None:
    mail = read(written(Modele.INCIDENT_SIGNALE, description="Une.\r\nDeux.\nTrois\x07."))
    assert "Une.\r\nDeux.\r\nTrois␇.\r\n" in mail.text
    assert Page(mail.html).text("blockquote") == "\r\nUne.Deux.Trois␇.\r\n"


def test_unknown_nature_of_an_incident_is_another() -> None:
    assert say_nature("compte_partage") == "compte utilisé par plusieurs personnes"
    assert say_nature("unheard_of") == "autre"


@pytest.mark.parametrize("modele", MODELES)
def test_subject_says_nothing_of_the_person(modele: Modele) -> None:
    one, other = written(modele), written(modele, prenom="Aïcha", nom="Benali")
    assert read(one).subject == read(other).subject


def test_call_on_a_caf_has_the_subject_that_it_sorts_by() -> None:
    intitule = "AFAS 19_214 Centre communal d’action sociale d’Évry"
    mail = read(written(Modele.SOLLICITATION, intitule=intitule))
    assert mail.subject == intitule
    assert Page(mail.html).text("title") == "Un administrateur partenaire sollicite votre Caf"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (
            "C.C.A.S. (L’Haÿ-les-Roses) & associés, n° 2",
            "C.C.A.S. (L’Haÿ-les-Roses) & associés, n 2",
        ),
        ("Mairie\r\nBcc: x@y.example", "Mairie Bcc x y.example"),
        ("=?utf-8?q?x?=", "utf-8 q x"),
        ("E\u0301vry", "Évry"),
        ("\u202eabc", "abc"),
        ("a" * 200, "a" * LONGEST_SUBJECT),
    ],
)
def test_subject_keeps_letters_digits_and_few_signs(typed: str, kept: str) -> None:
    assert in_a_subject(typed) == kept


def test_what_is_called_for_and_why_not_are_said_in_words() -> None:
    assert {each: say_demande(each) for each in ObjetSollicitation} == DEMANDES
    assert say_demande("unheard_of") == "une demande"
    assert say_motif("groupe_cloture") == "ce groupe est clôturé"
    assert say_motif("compte_cloture") == "ce compte s’est clôturé avant de le rejoindre"
    assert say_motif("unheard_of") == "la demande n’a pas pu être acceptée"


@pytest.mark.parametrize(
    ("titre", "words"),
    [
        ("administrateur", "Sa désignation est donc retirée"),
        ("responsable", "vous êtes responsable de son groupe"),
    ],
)
def test_who_designated_is_told_what_became_of_it(titre: str, words: str) -> None:
    assert words in read(written(Modele.COMPTE_REFUSE, titre=titre)).text


def test_missing_word_is_a_bug_and_not_a_blank() -> None:
    sample = json.loads((TEMPLATES / "identifiant" / "sample.json").read_text())
    without_secret = ContenuScelle.model_validate_json(json.dumps(sample))
    with pytest.raises(UndefinedError):
        WRITER.write(Modele.IDENTIFIANT, without_secret)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Zoé", "Zoé"),
        ("a\r\nb", "a␍␊b"),
        ("a\0b\x7f", "a␀b␡"),
        ("a\u2028b\x85", "a\ufffdb\ufffd"),
        ("abc\u202edef", "\u2068abc\u202edef\u2069"),
    ],
)
def test_control_characters_are_shown_and_directions_closed_in(typed: str, shown: str) -> None:
    assert show_controls(typed) == shown
