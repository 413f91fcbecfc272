"""SuspendConvention: an outcome of the control plan, with its reason [seed 003]."""

from services.habilitation.domain.cycle import suspend
from services.habilitation.handlers import contracting
from services.habilitation.handlers.contracting import contracted
from shared.contracts.habilitation_commands import SuspendConvention
from shared.path.decision import Decision, Request, State, UseCase


def _decide(request: Request[SuspendConvention, None], state: State) -> Decision:
    convention, by = contracted(request, state), request.principal.id
    return suspend(convention, request.message.motif, by, request.now)


SUSPEND_CONVENTION = UseCase(message=SuspendConvention, keys=contracting.keys, decide=_decide)
