"""RecordEligibilite: the formulaire d’éligibilité of CDAP or AFAS was accepted [seed 003]."""

from services.habilitation.domain.bulletin import record_eligibilite
from services.habilitation.handlers import contracting
from services.habilitation.handlers.contracting import contracted, service_changed, today
from shared.contracts.habilitation_commands import RecordEligibilite
from shared.path.decision import Decision, Request, State, UseCase


def _decide(request: Request[RecordEligibilite, None], state: State) -> Decision:
    convention, service = contracted(request, state), request.message.service
    change = record_eligibilite(convention, service, today(request))
    return service_changed(convention, change, service, request)


RECORD_ELIGIBILITE = UseCase(message=RecordEligibilite, keys=contracting.keys, decide=_decide)
