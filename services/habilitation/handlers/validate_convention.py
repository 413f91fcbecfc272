"""ValidateConvention: signed by all, a convention is open from its opening day on."""

from services.habilitation.domain.cycle import validate
from services.habilitation.handlers import contracting
from services.habilitation.handlers.contracting import contracted
from shared.contracts.habilitation_commands import ValidateConvention
from shared.path.decision import Decision, Request, State, UseCase


def _decide(request: Request[ValidateConvention, None], state: State) -> Decision:
    return validate(contracted(request, state), request.now)


VALIDATE_CONVENTION = UseCase(message=ValidateConvention, keys=contracting.keys, decide=_decide)
