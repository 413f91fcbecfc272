"""MoveAppartenance: out of a group and into another in one step, today unless said otherwise."""

from typing import Any

from services.habilitation.domain import appartenances
from services.habilitation.domain.errors import GroupeOver, GroupeUnknown
from services.habilitation.domain.errors_appartenances import (
    DestinationOver,
    DestinationUnknown,
    MovePast,
    SameGroupe,
)
from services.habilitation.domain.groupe import Groupe
from services.habilitation.domain.membre import Appartenance, Membre
from services.habilitation.domain.recit import tell_membre
from services.habilitation.handlers import membership
from services.habilitation.handlers.membership import Demande
from shared.contracts.habilitation import AppartenanceMoved
from shared.contracts.habilitation_commands import MoveAppartenance
from shared.path.decision import Decision, Key, Request, State, UseCase

Asked = Request[MoveAppartenance, None]


def _keys(request: Asked) -> list[Key[Any]]:
    return [*membership.keys(request), Groupe.key_of(request.message.vers_id)]


def _decide(request: Asked, state: State) -> Decision:
    """The membership goes on in the other group, up to the same end if it had one.

    Raises: what `Demande.entitled` does for both groups, and the refusals of
    domain/appartenances.py
    """
    asked, demande = request.message, Demande.of(request, state)
    _, depuis = demande.entitled(asked.groupe_id)
    vers = _destination(demande, asked)
    par, le = request.principal.id, asked.le or demande.day
    appartenances.check_not_oneself(par, asked.user_id)
    if le < demande.day:
        raise MovePast
    before = demande.known()
    demande.check_account(le)
    held = appartenances.held_at(before, depuis.id, le)
    gone = appartenances.leave(before, depuis.id, fin=le, par=par, day=demande.day)
    joining = Appartenance(groupe_id=vers.id, debut=le, fin=held.fin, par=par)
    membre = _joined(gone, vers, joining, demande)
    told = tell_membre(
        AppartenanceMoved, membre, at=request.now, groupe_id=vers.id, depuis_id=depuis.id
    )
    return Decision((membre, vers.joined()), (told,), {"user_id": membre.id, "groupe_id": vers.id})


def _destination(demande: Demande, asked: MoveAppartenance) -> Groupe:
    """The group to move to, which who asks manages too."""
    if asked.vers_id == asked.groupe_id:
        raise SameGroupe
    try:
        return demande.entitled(asked.vers_id)[1]
    except GroupeUnknown as unknown:
        raise DestinationUnknown from unknown


def _joined(gone: Membre, vers: Groupe, joining: Appartenance, demande: Demande) -> Membre:
    try:
        membre = appartenances.join(gone, vers, joining, demande.day)
    except GroupeOver as over:
        raise DestinationOver from over
    demande.check_profil(membre, vers)
    return membre


MOVE_APPARTENANCE = UseCase(
    message=MoveAppartenance, keys=_keys, more_keys=membership.more_keys, decide=_decide
)
