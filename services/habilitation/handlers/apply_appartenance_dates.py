"""ApplyAppartenanceDates: memberships begin or are over that day; asked by the scheduler."""

from typing import Any

from services.habilitation.domain.appartenances import settled
from services.habilitation.domain.errors import NotPermitted
from services.habilitation.domain.membre import Membre
from services.habilitation.domain.recit import tell_membre
from shared.contracts.habilitation import AppartenanceLapsed, AppartenanceStarted
from shared.contracts.habilitation_commands import SERVICE, ApplyAppartenanceDates
from shared.path.decision import Decision, Key, Request, State, UseCase
from shared.security.principal import service_principal

Asked = Request[ApplyAppartenanceDates, None]


def _keys(request: Asked) -> list[Key[Any]]:
    return [Membre.key_of(request.message.user_id)]


def _decide(request: Asked, state: State) -> Decision:
    """Nothing to do is no fault: it was told in the meantime, or the date was moved.

    The scheduler has judged the day: another machine's clock, a little behind, is not asked again.
    """
    if request.principal != service_principal(SERVICE):
        raise NotPermitted
    asked = request.message
    before = state.get(Membre.key_of(asked.user_id))
    if before is None or before.convention_id != asked.convention_id:
        return Decision()
    due = [each for each in before.appartenances if each.is_due(asked.day)]
    if not due:
        return Decision()
    membre = settled(before, asked.day)
    over = any(each.is_over(asked.day) for each in due)
    begun = any(not each.is_over(asked.day) for each in due)
    facts = [
        *([AppartenanceStarted] if begun else []),
        *([AppartenanceLapsed] if over else []),
    ]
    return Decision((membre,), tuple(tell_membre(each, membre, at=request.now) for each in facts))


APPLY_APPARTENANCE_DATES = UseCase(message=ApplyAppartenanceDates, keys=_keys, decide=_decide)
