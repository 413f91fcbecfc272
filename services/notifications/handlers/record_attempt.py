"""Record an attempt: what the mail server answered becomes a row, a state and a fact."""

from dataclasses import dataclass
from datetime import datetime

from services.notifications.domain.envoi import Envoi, record_attempt
from services.notifications.domain.tentative import Result, note_attempt
from shared.errors import Bug
from shared.path.decision import Decision, Request, State, Told, UseCase


@dataclass(frozen=True, slots=True)
class RecordAttempt:
    """An attempt at a mail ended; asked by the sender of this process only."""

    mail_id: str
    result: Result
    at: datetime


def _decide(request: Request[RecordAttempt, None], state: State) -> Decision:
    asked = request.message
    before = state.get(Envoi.key_of(asked.mail_id))
    if before is None:
        raise Bug("attempt_at_no_mail")
    envoi, facts = record_attempt(before, asked.result, asked.at)
    row = note_attempt(envoi.id, envoi.attempts, asked.result, asked.at)
    return Decision(writes=(envoi, row), facts=tuple(Told(envoi, fact) for fact in facts))


RECORD_ATTEMPT: UseCase[RecordAttempt, None] = UseCase(
    message=RecordAttempt,
    keys=lambda request: [Envoi.key_of(request.message.mail_id)],
    decide=_decide,
)
