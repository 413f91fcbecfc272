"""The file of an import: text, bounded, one line at a time.

A line of the file is a line of the table: a cell holds no end of line (assumed: names and codes
have none), so that one broken line says nothing about the next.
"""

import asyncio
import csv
import re
from collections.abc import AsyncIterable, Iterator
from typing import ClassVar, NamedTuple

from shared.errors import Refusal

MOST_BYTES = 5 * 1024 * 1024
"""Size of one file (assumed: the seeds' administrateurs have hundreds of users, not millions)."""
MOST_LINES = 5_000
"""Lines of one file, empty ones left out (assumed)."""
MOST_WITH_EMPTY = 4 * MOST_LINES
"""Lines of one file with the empty ones, which spreadsheets leave at its end (assumed): counted
before anything is made of them, so that a file of nothing else costs nothing."""
LONGEST_LINE = 4_096
"""Characters of one line (assumed: all fields together hold less than half of it)."""
MOST_SECONDS = 60.0
"""How long a file may take to arrive (assumed: 5 MB at 1 Mbit/s take 42 s)."""
_END = re.compile(r"\r\n|\n|\r")
SEPARATORS = (";", ",")
"""What separates cells: the spreadsheet's in French, then everybody else's."""


class FileTooLarge(Refusal):
    """More bytes, or more lines, than one import takes."""

    code: ClassVar[str] = "fichier_trop_grand"
    sentence: ClassVar[str] = (
        "Ce fichier est trop grand : 5 Mo et 5 000 lignes au plus. Importez-le en plusieurs fois."
    )
    status: ClassVar[int] = 413


class FileTooSlow(Refusal):
    """A file that does not arrive."""

    code: ClassVar[str] = "fichier_trop_lent"
    sentence: ClassVar[str] = (
        "Ce fichier met trop de temps à arriver : réessayez, ou importez-le en plusieurs fois."
    )
    status: ClassVar[int] = 408


class FileUnreadable(Refusal):
    """Not a text in UTF-8: an archive, a spreadsheet's own format, another encoding."""

    code: ClassVar[str] = "fichier_illisible"
    sentence: ClassVar[str] = (
        "Ce fichier n’est pas un texte CSV en UTF-8 : enregistrez-le de nouveau sous cette forme."
    )
    status: ClassVar[int] = 422


class HeaderInvalid(Refusal):
    """The first line does not name the columns that there are to be."""

    code: ClassVar[str] = "colonnes_invalides"
    sentence: ClassVar[str] = (
        "La première ligne doit nommer les colonnes de l’import, chacune une fois, et aucune autre."
    )
    status: ClassVar[int] = 422


class LineInvalid(Refusal):
    """A line that is no row of the table."""

    code: ClassVar[str] = "ligne_illisible"
    sentence: ClassVar[str] = (
        "Cette ligne n’a pas le bon nombre de colonnes, ou est trop longue, ou ses guillemets ne "
        "se ferment pas."
    )


class Ligne(NamedTuple):
    """One line: its number in the file, from 1 for the header, and its cells by column."""

    numero: int
    cells: dict[str, str] | LineInvalid


async def read_text(chunks: AsyncIterable[bytes]) -> str:
    """The text of a file as it arrives.

    Raises: FileTooLarge, FileUnreadable as soon as known, FileTooSlow
    """
    try:
        async with asyncio.timeout(MOST_SECONDS):
            content = await _read(chunks)
    except TimeoutError as error:
        raise FileTooSlow from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileUnreadable from error


async def _read(chunks: AsyncIterable[bytes]) -> bytearray:
    content = bytearray()
    async for chunk in chunks:
        content += chunk
        if len(content) > MOST_BYTES:
            raise FileTooLarge
        if b"\x00" in chunk:
            raise FileUnreadable
    return content


def read_lines(text: str, columns: frozenset[str]) -> Iterator[Ligne]:
    """The lines under the header; empty ones are left out, columns come in any order.

    Raises FileTooLarge, HeaderInvalid before the first line is given.
    """
    if _ends(text) > MOST_WITH_EMPTY:
        raise FileTooLarge
    rows = [(at, row) for at, row in enumerate(_END.split(text), 1) if row.strip(" ;,\t")]
    if len(rows) > MOST_LINES + 1:
        raise FileTooLarge
    if not rows:
        raise HeaderInvalid
    header = rows[0][1]
    separator = max(SEPARATORS, key=header.count)
    names = [each.strip().lower() for each in _cells(header, separator) or ()]
    if len(names) != len(set(names)) or set(names) != columns:
        raise HeaderInvalid
    return (Ligne(at, _named(row, separator, names)) for at, row in rows[1:])


def _ends(text: str) -> int:
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def _named(row: str, separator: str, names: list[str]) -> dict[str, str] | LineInvalid:
    cells = _cells(row, separator)
    if cells is None or len(cells) != len(names):
        return LineInvalid()
    return {name: cell.strip() for name, cell in zip(names, cells, strict=True)}


def _cells(row: str, separator: str) -> list[str] | None:
    """The cells of one line; None where it cannot be read alone."""
    if len(row) > LONGEST_LINE:
        return None
    try:
        rows = list(csv.reader([row], delimiter=separator, strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None
