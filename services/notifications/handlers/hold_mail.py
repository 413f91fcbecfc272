"""Hold a mail: the address of its person is refused by a server, until it is corrected."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from services.notifications.domain.adresse import Adresse
from services.notifications.domain.envoi import A_ESSAYER, Envoi, abandon, hold
from services.notifications.handlers.changes import decision
from services.notifications.handlers.releasing import keys_of_held, still_held
from services.notifications.handlers.undelivered import keys_of_undelivered, undelivered
from shared.contracts.notifications import MotifAbandon
from shared.path.decision import Decision, Key, Request, State, UseCase


@dataclass(frozen=True, slots=True)
class HoldMail:
    """A mail would go to a flagged address; asked by the sender of this process only."""

    mail_id: str
    user_id: str
    mail: str = field(repr=False)


def _keys(request: Request[HoldMail, None]) -> Iterable[Key[Any]]:
    return [Envoi.key_of(request.message.mail_id), Adresse.key_of(request.message.user_id)]


def _more_keys(request: Request[HoldMail, None], state: State) -> Iterable[Key[Any]]:
    yield from keys_of_undelivered(state.get(Envoi.key_of(request.message.mail_id)))
    yield from keys_of_held(state.get(Adresse.key_of(request.message.user_id)))


def _decide(request: Request[HoldMail, None], state: State) -> Decision:
    asked = request.message
    envoi = state.get(Envoi.key_of(asked.mail_id))
    if envoi is None or envoi.etat not in A_ESSAYER:
        return Decision()
    adresse = state.get(Adresse.key_of(asked.user_id))
    if adresse is None or not adresse.refuses(asked.mail):
        return decision((envoi, ()))  # corrected meanwhile: writing it ends its lease
    adresse = adresse.keeping([each.id for each in still_held(adresse, state)])
    if adresse.is_full:
        ended = abandon(envoi, MotifAbandon.ADRESSE, request.now)
        return decision(ended, *undelivered(ended[0], state, request.now))
    return decision(hold(envoi, request.now), also=(adresse.holding(envoi.id),))


HOLD_MAIL: UseCase[HoldMail, None] = UseCase(
    message=HoldMail,
    keys=_keys,
    more_keys=_more_keys,
    decide=_decide,
)
