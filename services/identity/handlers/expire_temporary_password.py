"""ExpireTemporaryPassword: 24 hours have passed, nobody came [seed 002]; asked by the scheduler."""

from typing import Any

from services.identity.domain import compte as comptes
from services.identity.domain.compte import Compte
from services.identity.domain.errors import NotPermitted
from services.identity.domain.historique import NatureActe
from shared.contracts.identity import SERVICE
from shared.contracts.identity_commands import ExpireTemporaryPassword
from shared.path.decision import Decision, Key, Request, State, UseCase
from shared.security.principal import service_principal


def _keys(request: Request[ExpireTemporaryPassword, None]) -> list[Key[Any]]:
    return [Compte.key_of(request.message.user_id)]


def _decide(request: Request[ExpireTemporaryPassword, None], state: State) -> Decision:
    """Nothing to do is no fault: the password was used, or replaced, in the meantime.

    The scheduler has judged the time. Judging it again here by another machine's clock, a little
    behind, would do nothing, be remembered as done, and never expire the password.
    """
    if request.principal != service_principal(SERVICE):
        raise NotPermitted
    asked = request.message
    compte = comptes.find(state, asked.user_id)
    due = compte.provisoire
    if due is None or due.generation != asked.generation:
        return Decision()
    compte = compte.changed(provisoire=None).noted(
        NatureActe.EXPIRATION, par=request.principal.id, at=request.now
    )
    told = comptes.temporary_password_expired(compte, asked.generation, at=request.now)
    return Decision(writes=(compte,), facts=(told,))


EXPIRE_TEMPORARY_PASSWORD = UseCase(message=ExpireTemporaryPassword, keys=_keys, decide=_decide)
