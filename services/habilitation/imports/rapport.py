"""The report of an import: a CSV of its own, line by line, safe to open in a spreadsheet."""

import csv
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from shared.errors import Refusal

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\x00")
"""What a spreadsheet takes for a formula at the beginning of a cell (ASVS 5.0, 1.2.10)."""
COLUMNS = ("ligne", "objet", "sujet", "resultat", "code", "phrase")


class Resultat(StrEnum):
    """What became of a line."""

    FAIT = "fait"
    DEMANDE = "demande"
    """identity is asked for the account: it writes to the person, or to who imports."""
    DEJA_FAIT = "deja_fait"
    REFUSE = "refuse"


@dataclass(frozen=True)
class LigneRapport:
    """One line of the report: what it was about, what became of it, why not."""

    ligne: int
    objet: str
    sujet: str
    resultat: Resultat
    refus: Refusal | None = None

    @property
    def cells(self) -> tuple[str, ...]:
        """As it is written."""
        why = ("", "") if self.refus is None else (self.refus.code, self.refus.said)
        return (str(self.ligne), self.objet, self.sujet, self.resultat, *why)


def header() -> str:
    """The first line of a report."""
    return written(COLUMNS)


def total(results: Counter[Resultat]) -> str:
    """The last line of a report: how many of each."""
    said = ", ".join(f"{each} : {results[each]}" for each in Resultat)
    return written(("", "total", "", "", "", said))


def written(cells: Iterable[str]) -> str:
    """One line of CSV."""
    line = io.StringIO()
    csv.writer(line, delimiter=";", lineterminator="\r\n").writerow(map(neutralised, cells))
    return line.getvalue()


def neutralised(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula, on one line, without what is not printed."""
    plain = "".join(each if each.isprintable() else " " for each in cell)
    return f"'{plain}" if cell.startswith(DANGEROUS) or plain.startswith(DANGEROUS) else plain
