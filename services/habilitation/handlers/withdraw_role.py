"""WithdrawRole: a group loses its role; when and by whom is kept [seed 002]."""

from services.habilitation.domain import role_groupe
from services.habilitation.domain.droits import Operation
from services.habilitation.domain.recit import tell_groupe
from services.habilitation.handlers import entitlement
from shared.contracts.habilitation import RoleWithdrawn
from shared.contracts.habilitation_commands import WithdrawRole
from shared.path.decision import Decision, Request, State, UseCase


def _decide(request: Request[WithdrawRole, None], state: State) -> Decision:
    """Tells RoleWithdrawn. Raises NoRole."""
    _, before = entitlement.entitled(request, state, Operation.ATTRIBUER_ROLE)
    after = role_groupe.withdraw(before, request.principal.id, request.now)
    told = tell_groupe(RoleWithdrawn, after, at=request.now)
    return Decision((after,), (told,), {"groupe_id": after.id})


WITHDRAW_ROLE = UseCase(
    message=WithdrawRole,
    keys=entitlement.keys,
    more_keys=entitlement.more_keys,
    decide=_decide,
)
