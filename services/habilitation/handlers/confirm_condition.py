"""ConfirmCondition: the Caf saw that the own condition of a CDAP profile holds [seed 002]."""

from services.habilitation.domain.bulletin import confirm_condition
from services.habilitation.handlers import contracting
from services.habilitation.handlers.contracting import contracted, mentioned, service_changed
from shared.contracts.conventions import CodeService
from shared.contracts.habilitation_commands import ConfirmCondition
from shared.path.decision import Decision, Request, State, UseCase


def _decide(request: Request[ConfirmCondition, None], state: State) -> Decision:
    convention = contracted(request, state)
    change = confirm_condition(convention, request.message.profil, mentioned(request))
    return service_changed(convention, change, CodeService.CDAP, request)


CONFIRM_CONDITION = UseCase(message=ConfirmCondition, keys=contracting.keys, decide=_decide)
