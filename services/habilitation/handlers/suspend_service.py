"""SuspendService: one service of a convention stops, with its reason [seed 003]."""

from services.habilitation.domain.bulletin import switch
from services.habilitation.domain.cycle import read_motif
from services.habilitation.handlers import contracting
from services.habilitation.handlers.contracting import contracted, service_changed
from shared.contracts.conventions import EtatService
from shared.contracts.habilitation import ServiceSuspended
from shared.contracts.habilitation_commands import SuspendService
from shared.path.decision import Decision, Request, State, UseCase


def _decide(request: Request[SuspendService, None], state: State) -> Decision:
    convention, asked = contracted(request, state), request.message
    motif = read_motif(asked.motif)
    change = switch(convention, asked.service, ServiceSuspended, EtatService.SUSPENDU, motif)
    return service_changed(convention, change, asked.service, request)


SUSPEND_SERVICE = UseCase(message=SuspendService, keys=contracting.keys, decide=_decide)
