"""ResumeService: one service of a convention goes on."""

from services.habilitation.domain.bulletin import resume
from services.habilitation.handlers import contracting
from services.habilitation.handlers.contracting import contracted, mentioned, service_changed
from shared.contracts.habilitation_commands import ResumeService
from shared.path.decision import Decision, Request, State, UseCase


def _decide(request: Request[ResumeService, None], state: State) -> Decision:
    convention, service = contracted(request, state), request.message.service
    change = resume(convention, service, mentioned(request))
    return service_changed(convention, change, service, request)


RESUME_SERVICE = UseCase(message=ResumeService, keys=contracting.keys, decide=_decide)
