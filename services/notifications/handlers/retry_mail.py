"""Retry a mail now: an operator knows that what made it wait is over."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from services.notifications.domain.adresse import Adresse
from services.notifications.domain.envoi import Envoi, EtatEnvoi, release
from services.notifications.domain.errors import MailEnded, MailUnknown
from services.notifications.handlers.changes import decision
from services.notifications.handlers.releasing import EXPLOITANT, keys_of_held, released
from shared.path.decision import Decision, Key, Request, State, UseCase


@dataclass(frozen=True, slots=True)
class RetryMail:
    """A mail that waits is to be tried now; asked by an operator.

    A held one goes with all those held for the same person: their address counts as good again.
    One that is due already is left alone: an attempt may be on its way.
    """

    mail_id: str
    user_id: str


def _keys(request: Request[RetryMail, None]) -> Iterable[Key[Any]]:
    return [Envoi.key_of(request.message.mail_id), Adresse.key_of(request.message.user_id)]


def _held(request: Request[RetryMail, None], state: State) -> Iterable[Key[Any]]:
    return keys_of_held(state.get(Adresse.key_of(request.message.user_id)))


def _decide(request: Request[RetryMail, None], state: State) -> Decision:
    envoi = state.get(Envoi.key_of(request.message.mail_id))
    if envoi is None:
        raise MailUnknown
    if not envoi.is_open:
        raise MailEnded
    if envoi.is_due(request.now):
        return Decision()
    adresse = state.get(Adresse.key_of(request.message.user_id))
    if envoi.etat is EtatEnvoi.DIFFERE or adresse is None:
        return decision(release(envoi, EXPLOITANT, request.now))
    let_go = released(adresse.holding(envoi.id), state, EXPLOITANT, request.now)
    return decision(*let_go, also=(adresse.corrected(),))


RETRY_MAIL: UseCase[RetryMail, None] = UseCase(
    message=RetryMail, keys=_keys, more_keys=_held, decide=_decide
)
