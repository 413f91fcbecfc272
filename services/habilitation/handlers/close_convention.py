"""CloseConvention: a convention ends, today or on a day to come, for good."""

from services.habilitation.domain.convention import SiretReserve
from services.habilitation.domain.cycle import plan_closing, siret_keys
from services.habilitation.handlers import contracting
from services.habilitation.handlers.contracting import contracted, today
from shared.contracts.habilitation_commands import CloseConvention
from shared.path.decision import Decision, Key, Request, State, UseCase

Asked = Request[CloseConvention, None]


def _more_keys(request: Asked, state: State) -> list[Key[SiretReserve]]:
    return siret_keys(request.message.convention_id, state)


def _decide(request: Asked, state: State) -> Decision:
    convention = contracted(request, state)
    cloture = request.message.cloture or today(request)
    return plan_closing(convention, cloture, state, request.now)


CLOSE_CONVENTION = UseCase(
    message=CloseConvention, keys=contracting.keys, more_keys=_more_keys, decide=_decide
)
