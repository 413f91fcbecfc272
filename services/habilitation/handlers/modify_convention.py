"""ModifyConvention: an avenant changes what is known of an organisme and its convention."""

from services.habilitation.domain.organisme import modify
from services.habilitation.handlers import contracting
from services.habilitation.handlers.contracting import contracted, today, updated
from shared.contracts.habilitation import ConventionUpdated
from shared.contracts.habilitation_commands import ModifyConvention
from shared.path.decision import Decision, Request, State, UseCase


def _decide(request: Request[ModifyConvention, None], state: State) -> Decision:
    convention = contracted(request, state)
    changed = modify(convention, request.message, today(request))
    return updated(convention, changed, ConventionUpdated, request)


MODIFY_CONVENTION = UseCase(message=ModifyConvention, keys=contracting.keys, decide=_decide)
