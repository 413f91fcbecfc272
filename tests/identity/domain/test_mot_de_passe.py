"""A chosen password keeps every rule; a drawn one is told by its shape."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.domain.mot_de_passe import (
    ControlCharacter,
    CurrencySign,
    LooksTemporary,
    NoDigit,
    NoLower,
    NoSpecial,
    NoUpper,
    PasswordRefused,
    TooLong,
    TooShort,
    check_password,
    draw_temporary_password,
    looks_temporary,
)

GOOD = "Bonjour-2026"


@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "Aa1-5678",
        "Aa1-" + "x" * 28,
        "Élan-été-7",
        "Aa 1bcdef",
        "Ααβγδ-٣٤",
        "Passé✓2026",
        "Mot«de»Passe1",
    ],
)
def test_password_that_keeps_the_rules_is_accepted(password: str) -> None:
    check_password(password)


@pytest.mark.parametrize(
    ("password", "refusal", "code"),
    [
        ("", TooShort, "mot_de_passe_trop_court"),
        ("Aa1-567", TooShort, "mot_de_passe_trop_court"),
        ("Aa1-" + "x" * 29, TooLong, "mot_de_passe_trop_long"),
        ("bonjour-2026", NoUpper, "mot_de_passe_sans_majuscule"),
        ("BONJOUR-2026", NoLower, "mot_de_passe_sans_minuscule"),
        ("Bonjour-tous", NoDigit, "mot_de_passe_sans_chiffre"),
        ("Bonjour2026", NoSpecial, "mot_de_passe_sans_caractere_special"),
        ("abcde-ABCDE-23456-fghjk", LooksTemporary, "mot_de_passe_forme_provisoire"),
    ],
)
def test_each_rule_has_its_refusal(
    password: str, refusal: type[PasswordRefused], code: str
) -> None:
    with pytest.raises(refusal) as raised:
        check_password(password)
    assert (raised.value.code, raised.value.status) == (code, 422)
    assert raised.value.field == "nouveau_mot_de_passe"


@pytest.mark.parametrize("sign", "€£$¥₿¢₹﹩")
def test_currency_sign_is_refused_even_beside_a_special_character(sign: str) -> None:
    with pytest.raises(CurrencySign):
        check_password(GOOD + sign)


@pytest.mark.parametrize(
    "character", ["\0", "\n", "\r", "\t", "\x7f", "\x85", "\u200b", "\u202e", "\ud800", "\ue000"]
)
def test_character_that_cannot_be_typed_again_is_refused(character: str) -> None:
    with pytest.raises(ControlCharacter):
        check_password(GOOD + character)


@pytest.mark.parametrize("separator", ["\u2028", "\u2029"])
def test_line_separator_is_refused_as_a_line_feed_is(separator: str) -> None:
    with pytest.raises(ControlCharacter):
        check_password(GOOD + separator)


def test_length_counts_characters_and_not_bytes() -> None:
    check_password("É" * 15 + "é" * 15 + "1-")
    with pytest.raises(TooShort):
        check_password("Éé1-éé")
    check_password(unicodedata.normalize("NFD", "É" * 15 + "é" * 15 + "1-"))
    with pytest.raises(TooShort):
        check_password(unicodedata.normalize("NFD", "Éé1-éé"))


@given(st.text(max_size=40))
def test_what_is_accepted_keeps_every_rule(password: str) -> None:
    try:
        check_password(password)
    except PasswordRefused:
        return
    categories = {unicodedata.category(character) for character in password}
    assert 8 <= len(password) <= 32
    assert {"Lu", "Ll", "Nd"} <= categories
    assert "Sc" not in categories


@given(
    st.permutations(["A", "b", "7", "!"]),
    st.text("abcXYZ789?!", min_size=4, max_size=28),
)
def test_one_of_each_kind_is_enough_wherever_it_stands(kinds: list[str], rest: str) -> None:
    check_password("".join(kinds) + rest)
    check_password(rest + "".join(kinds))


def test_drawn_password_looks_temporary_and_nothing_in_it_is_mistaken() -> None:
    drawn = {draw_temporary_password() for _ in range(500)}
    assert len(drawn) == 500
    assert all(looks_temporary(password) for password in drawn)
    assert not set("".join(drawn)) & set("IlO01")


@given(st.builds(lambda _: draw_temporary_password(), st.integers()))
def test_nobody_chooses_a_temporary_password(password: str) -> None:
    with pytest.raises(PasswordRefused):
        check_password(password)


@pytest.mark.parametrize(
    "typed",
    [
        "abcde-ABCDE-23456",
        "abcde-ABCDE-23456-fghjk-",
        "abcde-ABCDE-23456-fghjk\n",
        "abcde_ABCDE_23456_fghjk",
        "abcdeABCDE23456fghjk",
        "abcde-ABCDE-23456-fghj0",
        "abcde-ABCDE-23456-fghjl",
        GOOD,
    ],
)
def test_another_shape_is_not_temporary(typed: str) -> None:
    assert not looks_temporary(typed)
