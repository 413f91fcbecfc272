"""How many imports run at once in a process: a few, and one of each convention.

Each decides line after line, beside everybody's commands. Another replica has places of its own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from shared.errors import Refusal

MOST_AT_ONCE = 4
"""Imports of one process at once (assumed: each waits for one commit after another, and what is
left of a process is for people who wait for an answer)."""


class ImportUnderWay(Refusal):
    """Another file of the same convention is still being imported."""

    code: ClassVar[str] = "import_en_cours"
    sentence: ClassVar[str] = (
        "Un import est déjà en cours pour cette convention : attendez la fin de son rapport."
    )
    status: ClassVar[int] = 429


class TooManyImports(Refusal):
    """As many imports as a process takes at once."""

    code: ClassVar[str] = "trop_d_imports"
    sentence: ClassVar[str] = (
        "Trop d’imports sont en cours pour le moment : réessayez dans quelques minutes."
    )
    status: ClassVar[int] = 503


class Places:
    """The places of one process."""

    def __init__(self) -> None:
        self._conventions: set[str] = set()

    @contextmanager
    def taken(self, convention_id: str) -> Iterator[None]:
        """A place for one import of a convention. Raises ImportUnderWay, TooManyImports."""
        if convention_id in self._conventions:
            raise ImportUnderWay
        if len(self._conventions) >= MOST_AT_ONCE:
            raise TooManyImports
        self._conventions.add(convention_id)
        try:
            yield
        finally:
            self._conventions.remove(convention_id)
