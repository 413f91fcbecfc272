"""ReplaceAdministrateur: avenant or annexe 3, one for another at once [seed 001][seed 002]."""

from typing import Any

from services.habilitation.domain import administrateurs, afas
from services.habilitation.domain.designation import Nomme
from services.habilitation.handlers import contracting
from services.habilitation.handlers.contracting import contracted
from shared.contracts.conventions import TitreDemande
from shared.contracts.habilitation_commands import ReplaceAdministrateur
from shared.path.decision import Decision, Key, Request, State, UseCase

Asked = Request[ReplaceAdministrateur, None]


def _nomme(request: Asked) -> Nomme:
    asked = request.message
    return Nomme(asked.user_id, asked.personne, TitreDemande.ADMINISTRATEUR)


def _keys(request: Asked) -> list[Key[Any]]:
    asked = request.message
    more = administrateurs.keys(asked.convention_id, [asked.ancien_id, asked.user_id])
    return [*contracting.keys(request), *_nomme(request).keys(asked.convention_id), *more]


def _more_keys(request: Asked, state: State) -> list[Key[Any]]:
    return afas.groupe_keys(request.message.convention_id, state)


def _decide(request: Asked, state: State) -> Decision:
    convention, asked = contracted(request, state), request.message
    return administrateurs.replace(
        convention,
        asked.ancien_id,
        _nomme(request),
        state,
        by=request.principal.id,
        now=request.now,
    )


REPLACE_ADMINISTRATEUR = UseCase(
    message=ReplaceAdministrateur, keys=_keys, more_keys=_more_keys, decide=_decide
)
