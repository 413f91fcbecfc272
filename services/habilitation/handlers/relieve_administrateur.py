"""RelieveAdministrateur: somebody is administrateur no longer; the Caf alone says so [seed 000]."""

from typing import Any

from services.habilitation.domain import administrateurs, afas
from services.habilitation.handlers import contracting
from services.habilitation.handlers.contracting import contracted
from shared.contracts.habilitation_commands import RelieveAdministrateur
from shared.path.decision import Decision, Key, Request, State, UseCase

Asked = Request[RelieveAdministrateur, None]


def _keys(request: Asked) -> list[Key[Any]]:
    asked = request.message
    more = administrateurs.keys(asked.convention_id, [asked.user_id])
    return [*contracting.keys(request), *more]


def _more_keys(request: Asked, state: State) -> list[Key[Any]]:
    return afas.groupe_keys(request.message.convention_id, state)


def _decide(request: Asked, state: State) -> Decision:
    return administrateurs.relieve(
        contracted(request, state),
        request.message.user_id,
        state,
        by=request.principal.id,
        now=request.now,
    )


RELIEVE_ADMINISTRATEUR = UseCase(
    message=RelieveAdministrateur, keys=_keys, more_keys=_more_keys, decide=_decide
)
