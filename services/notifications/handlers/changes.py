"""A decision out of mails that changed, each with what is told of it."""

from collections.abc import Iterable

from services.notifications.domain.envoi import Changed
from shared.path.decision import Decision, Document, Told


def decision(*changed: Changed, also: Iterable[Document] = ()) -> Decision:
    """What becomes of these mails, and what is written beside them."""
    writes = [envoi for envoi, _ in changed]
    told = [Told(envoi, fact) for envoi, facts in changed for fact in facts]
    return Decision(writes=(*writes, *also), facts=tuple(told))
