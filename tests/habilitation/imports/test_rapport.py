"""A report can be opened in a spreadsheet, whatever the file held."""

import csv
import io
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.habilitation.domain.errors import GroupeUnknown
from services.habilitation.imports.rapport import (
    DANGEROUS,
    LigneRapport,
    Resultat,
    neutralised,
    total,
    written,
)


@pytest.mark.parametrize(
    "cell", ["=1+1", "+33 1", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\x00=1", '=HYPERLINK("x")']
)
def test_no_cell_begins_a_formula(cell: str) -> None:
    assert neutralised(cell).startswith("'")
    assert "\n" not in written([cell])[:-2]


def test_what_is_harmless_is_left_alone() -> None:
    assert neutralised("T1 Assistants sociaux — « CCAS »") == "T1 Assistants sociaux — « CCAS »"


@given(st.lists(st.text(), min_size=2, max_size=6))
def test_a_line_stays_one_line_of_as_many_cells(cells: list[str]) -> None:
    (read,) = csv.reader(io.StringIO(written(cells), newline=""), delimiter=";")
    assert len(read) == len(cells)
    assert not any(each.startswith(DANGEROUS) for each in read)


def test_a_refusal_is_told_in_words() -> None:
    line = LigneRapport(3, "groupe", "T1AS", Resultat.REFUSE, GroupeUnknown())
    assert written(line.cells) == "3;groupe;T1AS;refuse;groupe_inconnu;Ce groupe n’existe pas.\r\n"


def test_the_total_counts_each() -> None:
    counted = total(Counter({Resultat.FAIT: 2, Resultat.REFUSE: 1}))
    assert "fait : 2, demande : 0, deja_fait : 0, refuse : 1" in counted
