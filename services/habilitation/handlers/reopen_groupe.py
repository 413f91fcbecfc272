"""ReopenGroupe: the closing date of a group is taken away; its members have its role again."""

from typing import Any

from services.habilitation.domain.adherents import Adherents, check_gain
from services.habilitation.domain.droits import Operation
from services.habilitation.domain.groupe import Groupe
from services.habilitation.domain.lecture import look
from services.habilitation.domain.personne import Personne
from services.habilitation.domain.vie_groupe import reopen_groupe, tell_reopening
from services.habilitation.handlers import adherence, entitlement
from shared.contracts.habilitation_commands import ReopenGroupe
from shared.path.decision import Decision, Key, Request, State, UseCase

Asked = Request[ReopenGroupe, Adherents]


def _more_keys(request: Asked, state: State) -> list[Key[Any]]:
    """Who is responsable of it, too."""
    groupe = state.get(Groupe.key_of(request.message.groupe_id))
    responsable = [] if groupe is None else [Personne.key_of(groupe.responsable_id)]
    return [*adherence.more_keys(request, state), *responsable]


def _decide(request: Asked, state: State) -> Decision:
    _, before = entitlement.entitled(request, state, Operation.CLOTURER_GROUPE)
    day = entitlement.today(request)
    responsable = look(state, Personne.key_of(before.responsable_id))
    after = reopen_groupe(before, responsable, day)
    check_gain(before, after, request.prepared, state, request.principal, day)
    return tell_reopening(before, after, request.now)


REOPEN_GROUPE = UseCase(
    message=ReopenGroupe,
    prepare=adherence.find_adherents,
    keys=adherence.keys,
    more_keys=_more_keys,
    decide=_decide,
)
