"""Names are found however they are typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.recherche import searchable


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Été-Durand", "ete durand"),
        ("O’Brien", "o brien"),
        ("D'ALEMBERT", "d alembert"),
        ("  Le   Goff ", "le goff"),
        ("Cœur", "coeur"),
        ("Łukasz", "lukasz"),
        ("Straße", "strasse"),
        ("Nguyễn", "nguyen"),
        ("李", "李"),
        ("---", ""),
    ],
)
def test_name_is_searched_without_case_accent_or_separator(typed: str, found: str) -> None:
    assert searchable(typed) == found


@given(st.text(max_size=60))
def test_searching_what_is_searched_changes_nothing(typed: str) -> None:
    assert searchable(searchable(typed)) == searchable(typed)
