"""An identifiant has one shape, letters that nobody mistakes, and is read as people type it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.domain.identifiant import (
    DIGITS,
    LETTERS,
    PATTERN,
    draw_identifiant,
    read_identifiant,
)


def test_drawn_identifiants_have_the_shape_and_no_ambiguous_character() -> None:
    drawn = {draw_identifiant() for _ in range(500)}
    assert len(drawn) == 500
    assert all(PATTERN.fullmatch(each) for each in drawn)
    assert not set("".join(drawn)) & set("IO01")
    assert set("".join(drawn)) <= set(LETTERS + DIGITS)


def test_letters_and_digits_are_each_there_once() -> None:
    assert len(set(LETTERS)) == len(LETTERS) == 24
    assert len(set(DIGITS)) == len(DIGITS) == 8


@pytest.mark.parametrize(
    "typed", ["KRB4729TV35", "krb4729tv35", " KRB 4729 TV 35 ", "krb\t4729\u00a0tv35\n"]
)
def test_spaces_and_case_do_not_matter(typed: str) -> None:
    assert read_identifiant(typed) == "KRB4729TV35"


def test_one_character_too_many_is_not_the_identifiant() -> None:
    assert read_identifiant("KRB4729TV35X") != "KRB4729TV35"
    assert len(read_identifiant("K" * 5_000)) == 12


@given(st.text(max_size=60))
def test_what_is_read_is_short_and_has_no_spaces(typed: str) -> None:
    read = read_identifiant(typed)
    assert len(read) <= 12
    assert not any(character.isspace() for character in read)


@given(st.builds(lambda _: draw_identifiant(), st.integers()))
def test_drawn_identifiant_is_read_as_itself(drawn: str) -> None:
    assert read_identifiant(drawn.lower()) == drawn
