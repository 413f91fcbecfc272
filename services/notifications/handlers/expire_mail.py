"""Expire a mail: what it carries is no longer valid, it will not be sent."""

from services.notifications.domain.envoi import Envoi, expire
from services.notifications.domain.errors import MailUnknown, NotTheService
from services.notifications.handlers.changes import decision
from services.notifications.handlers.undelivered import keys_of_undelivered, undelivered
from shared.contracts.notifications import SERVICE, ExpireMail
from shared.path.decision import Decision, Request, State, UseCase
from shared.security.principal import service_principal


def _decide(request: Request[ExpireMail, None], state: State) -> Decision:
    if request.principal != service_principal(SERVICE):
        raise NotTheService
    before = state.get(Envoi.key_of(request.message.mail_id))
    if before is None:
        raise MailUnknown
    # Closed meanwhile, or asked by a clock that is ahead: the sender gives it up when it is time.
    if not before.is_open or not before.is_expired(request.now):
        return Decision()
    ended = expire(before, request.now)
    return decision(ended, *undelivered(ended[0], state, request.now))


EXPIRE_MAIL: UseCase[ExpireMail, None] = UseCase(
    message=ExpireMail,
    keys=lambda request: [Envoi.key_of(request.message.mail_id)],
    more_keys=lambda request, state: keys_of_undelivered(
        state.get(Envoi.key_of(request.message.mail_id))
    ),
    decide=_decide,
)
