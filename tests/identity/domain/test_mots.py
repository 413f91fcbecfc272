"""The words of a person are found in a password however they are written."""

import pytest

from services.identity.domain.mots import holds, own_words, plain
from tests.identity.builders import compte, convention

WORDS = own_words(compte(nom="De La Tour-Été", prenom="Li", mail="marc.z@sivom.fr"), convention())


def test_words_are_those_of_the_person_his_organisme_and_the_portal() -> None:
    assert {"tour", "ete", "delatourete", "marc", "sivom", "valfleury", "mairie"} <= set(WORDS)
    assert {"caf", "partenaire"} <= set(WORDS)


def test_what_is_too_short_to_mean_anything_is_no_word() -> None:
    assert not {"de", "la", "li", "z", "fr", ""} & set(WORDS)


@pytest.mark.parametrize(
    "password", ["maTour-77!", "Ét3-au-lait", "x$Marc99", "VALFLEURY", "P4rt3na1re", "xx-c4f-XX7"]
)
def test_word_in_a_password_is_found(password: str) -> None:
    assert holds(password, WORDS)


@pytest.mark.parametrize("password", ["Girafe+Tambour9", "", "Correct-Cheval-7"])
def test_password_without_them_holds_none(password: str) -> None:
    assert not holds(password, WORDS)


def test_agent_without_a_convention_has_words_too() -> None:
    assert "durand" in own_words(compte(convention_id=None), None)


def test_plain_text_has_no_accent_and_no_capital() -> None:
    assert plain("ÉTÉ Straße") == "ete strasse"
