"""What the people of a convention asked of other services: how often, numbered by itself.

It is told on a topic that who decides rights does not read: the numbers of a convention's own
facts, by which the version of a right is compared (ADR-0021), know nothing of it.
"""

from datetime import datetime
from typing import ClassVar

from shared.path.decision import Document, State


class Demandes(Document):
    """The demands of one convention; id = its number."""

    COLLECTION: ClassVar[str] = "demandes"

    sollicitations: tuple[datetime, ...] = ()
    """When its administrateurs called on the Caf lately."""

    @classmethod
    def of(cls, convention_id: str, state: State) -> "Demandes":
        """Those of a convention, none so far if nothing is stored."""
        return state.get(cls.key_of(convention_id)) or cls(id=convention_id)
