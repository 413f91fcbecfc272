"""Derived ids say the same thing twice as one, drawn ones are unguessable."""

import re

from shared.ids import derive_id, draw_id

SHAPE = re.compile(r"[0-9a-f]{32}")


def test_a_derived_id_depends_on_its_parts_only():
    assert derive_id("a", "b") == derive_id("a", "b") == "065ab5741cdfad44687cf119c1eb4ec9"


def test_parts_do_not_run_into_one_another():
    assert (
        len({derive_id("ab", "c"), derive_id("a", "bc"), derive_id("abc"), derive_id("abc", "")})
        == 4
    )


def test_ids_are_32_hexadecimal_digits():
    assert SHAPE.fullmatch(derive_id("é", ""))
    drawn = {draw_id() for _ in range(1_000)}
    assert len(drawn) == 1_000
    assert all(map(SHAPE.fullmatch, drawn))
