"""ApplyGroupeDates: the opening or closing day of a group has come; asked by the scheduler."""

from typing import Any

from services.habilitation.domain.errors import GroupeUnknown, NotPermitted
from services.habilitation.domain.groupe import Groupe
from services.habilitation.domain.vie_groupe import apply_dates
from shared.contracts.habilitation import SERVICE
from shared.contracts.habilitation_commands import ApplyGroupeDates
from shared.path.decision import Decision, Key, Request, State, UseCase
from shared.security.principal import service_principal

Asked = Request[ApplyGroupeDates, None]


def _keys(request: Asked) -> list[Key[Any]]:
    return [Groupe.key_of(request.message.groupe_id)]


def _decide(request: Asked, state: State) -> Decision:
    """The scheduler has judged the day: another machine's clock is not asked again.

    Raises: NotPermitted, GroupeUnknown
    """
    if request.principal != service_principal(SERVICE):
        raise NotPermitted
    groupe = state.get(Groupe.key_of(request.message.groupe_id))
    if groupe is None or groupe.convention_id != request.message.convention_id:
        raise GroupeUnknown
    return apply_dates(groupe, request.message.day, request.now)


APPLY_GROUPE_DATES = UseCase(message=ApplyGroupeDates, keys=_keys, decide=_decide)
