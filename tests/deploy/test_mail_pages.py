"""The pages of the mails: one each, with both texts, and one that leads to all."""

import html

import pytest

from deploy.docs.mail_pages import GENRES, MAILS, QUAND, WHOM_TO_ASK, mail_pages
from services.notifications.domain.modele import Modele
from services.notifications.rendering import TEMPLATES

PAGES = mail_pages()


def test_every_mail_has_its_page_and_says_when_it_is_written() -> None:
    assert set(QUAND) == set(Modele)
    assert PAGES.keys() == {f"{MAILS}/{name}.html" for name in ("index", *Modele)}
    for modele in Modele:
        assert f'href="{modele.value}.html"' in PAGES[f"{MAILS}/index.html"]


@pytest.mark.parametrize("modele", Modele)
def test_page_shows_every_sample_as_text_and_as_html(modele: Modele) -> None:
    page = PAGES[f"{MAILS}/{modele.value}.html"]
    samples = len(list((TEMPLATES / modele.value).glob("sample*.json")))
    if WHOM_TO_ASK in (TEMPLATES / modele.value / "body.txt").read_text():
        samples += len(GENRES) - 1
    assert page.count("<iframe ") == page.count("<pre>") == samples
    assert page.count(html.escape('<html lang="fr">')) == samples
    assert "sandbox" in page


def test_pages_are_the_same_at_each_run() -> None:
    assert mail_pages() == PAGES
