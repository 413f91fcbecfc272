"""SignContrat: the contrat de service says who manages the habilitations [seed 001]."""

from services.habilitation.domain.convention import Contrat
from services.habilitation.handlers import contracting
from services.habilitation.handlers.contracting import contracted, today, updated
from shared.contracts.habilitation import ConventionUpdated
from shared.contracts.habilitation_commands import SignContrat
from shared.path.decision import Decision, Request, State, UseCase


def _decide(request: Request[SignContrat, None], state: State) -> Decision:
    convention, asked = contracted(request, state), request.message
    contrat = Contrat(signe_le=today(request), gestion_deleguee=asked.gestion_deleguee)
    return updated(convention, convention.changed(contrat=contrat), ConventionUpdated, request)


SIGN_CONTRAT = UseCase(message=SignContrat, keys=contracting.keys, decide=_decide)
