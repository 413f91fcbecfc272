"""AssignRole: a group gets its one role, or another; its members have it at once [seed 004]."""

from services.habilitation.domain import role_groupe
from services.habilitation.domain.adherents import Adherents, check_gain
from services.habilitation.domain.droits import Operation
from services.habilitation.domain.errors import GroupeOver
from services.habilitation.domain.groupe import Role
from services.habilitation.domain.recit import tell_groupe
from services.habilitation.handlers import adherence, entitlement
from shared.contracts.habilitation import RoleAssigned
from shared.contracts.habilitation_commands import AssignRole
from shared.path.decision import Decision, Request, State, UseCase


def _decide(request: Request[AssignRole, Adherents], state: State) -> Decision:
    """A libellé that does not say the profile is no fault: the warning goes with the answer.

    Tells:   RoleAssigned
    Raises:  GroupeOver, what `check_role` and `check_gain` raise
    """
    asked, day, by = request.message, entitlement.today(request), request.principal
    convention, before = entitlement.entitled(request, state, Operation.ATTRIBUER_ROLE)
    if not before.goes_on(day):
        raise GroupeOver
    role = Role(service=asked.service, profil=asked.profil)
    role_groupe.check_role(role, convention)
    after = role_groupe.assign(before, role, by.id, request.now)
    warning = role_groupe.warning_about(after)
    result = {"groupe_id": before.id} | ({} if warning is None else {"avertissement": warning})
    if before.role == role:
        return Decision(result=result)
    check_gain(before, after, request.prepared, state, by, day)
    told = tell_groupe(
        RoleAssigned, after, at=request.now, assigned_by=by.id, avertissement=warning
    )
    return Decision((after,), (told,), result)


ASSIGN_ROLE = UseCase(
    message=AssignRole,
    prepare=adherence.find_adherents,
    keys=adherence.keys,
    more_keys=adherence.more_keys,
    decide=_decide,
)
