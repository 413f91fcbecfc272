"""PresentConvention: the draft is complete and waits for its signatures."""

from services.habilitation.domain.cycle import present
from services.habilitation.handlers import contracting
from services.habilitation.handlers.contracting import contracted
from shared.contracts.habilitation_commands import PresentConvention
from shared.path.decision import Decision, Request, State, UseCase


def _decide(request: Request[PresentConvention, None], state: State) -> Decision:
    return present(contracted(request, state), request.now)


PRESENT_CONVENTION = UseCase(message=PresentConvention, keys=contracting.keys, decide=_decide)
