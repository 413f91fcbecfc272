"""Abandon a mail: it became pointless, was tried for too long, or cannot be written at all."""

from dataclasses import dataclass

from services.notifications.domain.envoi import Envoi, abandon
from services.notifications.handlers.changes import decision
from services.notifications.handlers.undelivered import keys_of_undelivered, undelivered
from shared.contracts.notifications import MotifAbandon
from shared.path.decision import Decision, Request, State, UseCase


@dataclass(frozen=True, slots=True)
class AbandonMail:
    """A mail must not be sent any more; asked by the sender of this process, or an operator."""

    mail_id: str
    motif: MotifAbandon


def _decide(request: Request[AbandonMail, None], state: State) -> Decision:
    before = state.get(Envoi.key_of(request.message.mail_id))
    if before is None or not before.is_open:
        return Decision()
    ended = abandon(before, request.message.motif, request.now)
    return decision(ended, *undelivered(ended[0], state, request.now))


ABANDON_MAIL: UseCase[AbandonMail, None] = UseCase(
    message=AbandonMail,
    keys=lambda request: [Envoi.key_of(request.message.mail_id)],
    more_keys=lambda request, state: keys_of_undelivered(
        state.get(Envoi.key_of(request.message.mail_id))
    ),
    decide=_decide,
)
