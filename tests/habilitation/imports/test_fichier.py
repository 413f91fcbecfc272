"""A file is read as text, bounded, line by line; what is not a table is refused at once."""

import asyncio
import time
import tracemalloc
from collections.abc import AsyncIterator

import pytest

from services.habilitation.imports import fichier
from services.habilitation.imports.fichier import (
    LONGEST_LINE,
    MOST_BYTES,
    MOST_LINES,
    FileTooLarge,
    FileTooSlow,
    FileUnreadable,
    HeaderInvalid,
    LineInvalid,
    read_lines,
    read_text,
)

COLUMNS = frozenset({"a", "b"})


async def chunks(*content: bytes) -> AsyncIterator[bytes]:
    for each in content:
        yield each


def rows(text: str) -> list[dict[str, str] | None]:
    found = (each.cells for each in read_lines(text, COLUMNS))
    return [None if isinstance(each, LineInvalid) else each for each in found]


async def test_text_comes_in_pieces_that_cut_letters() -> None:
    content = "é;à".encode()
    assert await read_text(chunks(content[:1], content[1:])) == "é;à"


async def test_byte_order_mark_of_spreadsheets_is_no_text() -> None:
    assert await read_text(chunks(b"\xef\xbb\xbfa;b")) == "a;b"


@pytest.mark.parametrize(
    "content",
    [b"PK\x03\x04\x00\x00", b"a;b\n\x00;1", "é".encode("latin-1"), b"\xff\xfea\x00"],
    ids=["archive", "nul", "latin-1", "utf-16"],
)
async def test_what_is_no_text_in_utf_8_is_refused(content: bytes) -> None:
    with pytest.raises(FileUnreadable):
        await read_text(chunks(content))


async def test_a_file_that_does_not_arrive_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fichier, "MOST_SECONDS", 0.05)

    async def stalled() -> AsyncIterator[bytes]:
        yield b"a;b"
        await asyncio.Event().wait()

    with pytest.raises(FileTooSlow):
        await read_text(stalled())


async def test_an_endless_file_is_refused_where_it_is_too_large() -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 65_536
            yield b"a" * 65_536

    with pytest.raises(FileTooLarge):
        await read_text(endless())
    assert taken <= MOST_BYTES + 2 * 65_536


async def test_zeros_are_refused_at_the_first() -> None:
    started = time.process_time()
    with pytest.raises(FileUnreadable):
        await read_text(chunks(b"\x00" * 1024, b"a" * MOST_BYTES * 2))
    assert time.process_time() - started < 1


@pytest.mark.parametrize("text", ["a;b\n1;2", "b,a\n2,1", "A ; B\r\n1;2\r\n", "a;b\r1;2"])
def test_columns_come_in_any_order(text: str) -> None:
    assert rows(text) == [{"a": "1", "b": "2"}]


@pytest.mark.parametrize("text", ["", "\n\n", "a", "a;b;c", "a;a", "a;b;b", "1;2", 'a;"b'])
def test_another_header_is_refused(text: str) -> None:
    with pytest.raises(HeaderInvalid):
        read_lines(text, COLUMNS)


def test_a_broken_line_says_nothing_about_the_next() -> None:
    long = "x" * LONGEST_LINE
    text = f'a;b\n"1;2\n1\n1;2;3\n{long};1\n"3;";"«"" 4"\n'
    assert rows(text) == [None, None, None, None, {"a": "3;", "b": '«" 4'}]


def test_lines_keep_their_number_in_the_file() -> None:
    assert [each.numero for each in read_lines("a;b\n\n1;2\n;\n3;4", COLUMNS)] == [3, 5]


def test_too_many_lines_are_refused_before_any_is_decided() -> None:
    with pytest.raises(FileTooLarge):
        read_lines("a;b\n" + "1;2\n" * (MOST_LINES + 1), COLUMNS)
    assert len(list(read_lines("a;b\n" + "1;2\n" * MOST_LINES, COLUMNS))) == MOST_LINES


@pytest.mark.parametrize("text", ["aa\n", "\n", "\r"])
def test_a_file_of_nothing_but_lines_takes_no_time_and_no_memory(text: str) -> None:
    endless = text * (MOST_BYTES // len(text))
    tracemalloc.start()
    try:
        with pytest.raises(FileTooLarge):
            read_lines(endless, COLUMNS)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
