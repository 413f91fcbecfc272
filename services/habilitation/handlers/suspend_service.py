"""SuspendService: one service of a convention stops, with its reason [seed 003]."""

from services.habilitation.domain.bulletin import suspend
from services.habilitation.domain.cycle import read_motif
from services.habilitation.handlers import contracting
from services.habilitation.handlers.contracting import contracted, mentioned, service_changed
from shared.contracts.habilitation_commands import SuspendService
from shared.path.decision import Decision, Request, State, UseCase


def _decide(request: Request[SuspendService, None], state: State) -> Decision:
    convention, asked = contracted(request, state), request.message
    change = suspend(convention, asked.service, read_motif(asked.motif), mentioned(request))
    return service_changed(convention, change, asked.service, request)


SUSPEND_SERVICE = UseCase(message=SuspendService, keys=contracting.keys, decide=_decide)
