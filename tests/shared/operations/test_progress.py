"""A long command shows that it moves, where it runs."""

import io

import pytest

from shared.operations import progress
from shared.operations.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_line_moves_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "TERMINAL_S", 0.0)
    out = Terminal()
    shown = Progress("lecture", 2_000, out)
    shown.advance(1_000)
    shown.advance(1_000)
    shown.close()
    first, second, third, last = out.getvalue().split("\r")
    assert first == ""
    assert second.startswith("lecture : 1\u202f000 / 2\u202f000 (")
    assert third.startswith("lecture : 2\u202f000 / 2\u202f000 (")
    assert last.endswith("\n")


def test_file_gets_a_line_now_and_then() -> None:
    out = io.StringIO()
    shown = Progress("lecture", out=out)
    for _ in range(1_000):
        shown.advance(1)
    shown.close()
    assert out.getvalue().count("\n") == 1
    assert out.getvalue().startswith("lecture : 1\u202f000 (")
