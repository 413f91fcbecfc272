"""DeleteGroupe: a group that the partner made is deleted while it is empty [seed 000]."""

from typing import Any

from services.habilitation.domain.adherents import Adherents, check_empty
from services.habilitation.domain.droits import Operation
from services.habilitation.domain.groupe import CodeReserve, Groupe
from services.habilitation.domain.lecture import look
from services.habilitation.domain.vie_groupe import delete_groupe
from services.habilitation.handlers import adherence, entitlement
from shared.contracts.habilitation_commands import DeleteGroupe
from shared.path.decision import Decision, Key, Request, State, UseCase

Asked = Request[DeleteGroupe, Adherents]


def _more_keys(request: Asked, state: State) -> list[Key[Any]]:
    """Its code, and the group that it hangs under."""
    groupe = state.get(Groupe.key_of(request.message.groupe_id))
    own: list[Key[Any]] = [] if groupe is None else [_code_of(groupe)]
    above = _parent_of(groupe)
    return [*adherence.more_keys(request, state), *own, *above]


def _code_of(groupe: Groupe) -> Key[CodeReserve]:
    return CodeReserve.key_of(CodeReserve.id_for(groupe.convention_id, groupe.code))


def _parent_of(groupe: Groupe | None) -> list[Key[Groupe]]:
    parent = None if groupe is None else groupe.parent_id
    return [] if parent is None else [Groupe.key_of(parent)]


def _decide(request: Asked, state: State) -> Decision:
    _, groupe = entitlement.entitled(request, state, Operation.SUPPRIMER_GROUPE)
    check_empty(groupe, request.prepared, state, entitlement.today(request))
    parent = next((look(state, key) for key in _parent_of(groupe)), None)
    return delete_groupe(groupe, parent, look(state, _code_of(groupe)), request.now)


DELETE_GROUPE = UseCase(
    message=DeleteGroupe,
    prepare=adherence.find_adherents,
    keys=adherence.keys,
    more_keys=_more_keys,
    decide=_decide,
)
