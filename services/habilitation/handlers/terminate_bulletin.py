"""TerminateBulletin: a service ends for a convention; that of AFAS closes its two groups."""

from typing import Any

from services.habilitation.domain import afas
from services.habilitation.domain.bulletin import terminate
from services.habilitation.handlers import contracting
from services.habilitation.handlers.contracting import contracted, mentioned, service_changed
from shared.contracts.conventions import CodeService
from shared.contracts.habilitation_commands import TerminateBulletin
from shared.path.decision import Decision, Key, Request, State, UseCase

Asked = Request[TerminateBulletin, None]


def _keys(request: Asked) -> list[Key[Any]]:
    asked = request.message
    codes = afas.code_keys(asked.convention_id) if asked.service is CodeService.AFAS else []
    return [*contracting.keys(request), *codes]


def _more_keys(request: Asked, state: State) -> list[Key[Any]]:
    asked = request.message
    if asked.service is not CodeService.AFAS:
        return []
    return afas.groupe_keys(asked.convention_id, state)


def _decide(request: Asked, state: State) -> Decision:
    """A service is over.

    Writes:  conventions, groupes
    Tells:   ServiceClosed; GroupeClosed
    Raises:  ServiceNotSigned
    """
    convention, service = contracted(request, state), request.message.service
    change = terminate(convention, service, mentioned(request))
    ended = service_changed(convention, change, service, request)
    if service is not CodeService.AFAS:
        return ended
    return afas.both(ended, afas.close(convention.id, state, request.now))


TERMINATE_BULLETIN = UseCase(
    message=TerminateBulletin, keys=_keys, more_keys=_more_keys, decide=_decide
)
