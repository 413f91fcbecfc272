"""ResumeConvention: the suspension of a convention is over."""

from services.habilitation.domain.cycle import resume
from services.habilitation.handlers import contracting
from services.habilitation.handlers.contracting import contracted
from shared.contracts.habilitation_commands import ResumeConvention
from shared.path.decision import Decision, Request, State, UseCase


def _decide(request: Request[ResumeConvention, None], state: State) -> Decision:
    return resume(contracted(request, state), request.principal.id, request.now)


RESUME_CONVENTION = UseCase(message=ResumeConvention, keys=contracting.keys, decide=_decide)
