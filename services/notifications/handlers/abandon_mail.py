"""Abandon a mail: it became pointless, was tried for too long, or cannot be written at all."""

from dataclasses import dataclass

from services.notifications.domain.envoi import Envoi, abandon
from shared.contracts.notifications import MotifAbandon
from shared.path.decision import Decision, Request, State, Told, UseCase


@dataclass(frozen=True, slots=True)
class AbandonMail:
    """A mail must not be sent any more; asked by the sender of this process only."""

    mail_id: str
    motif: MotifAbandon


def _decide(request: Request[AbandonMail, None], state: State) -> Decision:
    before = state.get(Envoi.key_of(request.message.mail_id))
    if before is None or not before.is_open:
        return Decision()
    envoi, facts = abandon(before, request.message.motif, request.now)
    return Decision(writes=(envoi,), facts=tuple(Told(envoi, fact) for fact in facts))


ABANDON_MAIL: UseCase[AbandonMail, None] = UseCase(
    message=AbandonMail,
    keys=lambda request: [Envoi.key_of(request.message.mail_id)],
    decide=_decide,
)
