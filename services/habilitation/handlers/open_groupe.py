"""OpenGroupe: a group is made with its one responsable [seed 002][seed 004]."""

from typing import Any

from services.habilitation.domain import afas, lecture, vie_groupe
from services.habilitation.domain.convention import Convention
from services.habilitation.domain.designation import Nomme
from services.habilitation.domain.droits import Operation, check_convention, check_groupe
from services.habilitation.domain.errors import GroupeUnknown
from services.habilitation.domain.errors_groupes import ParentUnknown
from services.habilitation.domain.groupe import CodeReserve, Groupe
from services.habilitation.handlers import entitlement
from shared.contracts.conventions import TitreDemande
from shared.contracts.habilitation_commands import OpenGroupe
from shared.path.decision import Decision, Key, Request, State, UseCase

Asked = Request[OpenGroupe, None]


def _keys(request: Asked) -> list[Key[Any]]:
    asked = request.message
    return [
        *lecture.keys(request.principal, asked.convention_id, asked.parent_id),
        Groupe.key_of(asked.groupe_id),
        _code_of(asked),
        *_nomme(asked).keys(asked.convention_id),
    ]


def _nomme(asked: OpenGroupe) -> Nomme:
    return Nomme(asked.responsable_id, asked.responsable, TitreDemande.RESPONSABLE)


def _code_of(asked: OpenGroupe) -> Key[CodeReserve]:
    return CodeReserve.key_of(CodeReserve.id_for(asked.convention_id, asked.code))


def _place(request: Asked, state: State) -> tuple[Convention, Groupe | None]:
    """The convention, and the group to hang it under, if who asks may make one there.

    Raises: ConventionUnknown, ParentUnknown, NotPermitted, ConventionNotOpen, NotDelegated,
    ConventionOver
    """
    asked, day = request.message, entitlement.today(request)
    demandeur = lecture.demandeur(request.principal, state, day)
    convention = state.get(Convention.key_of(asked.convention_id))
    if asked.parent_id is None:
        return check_convention(demandeur, Operation.CREER_GROUPE, convention, day), None
    parent = state.get(Groupe.key_of(asked.parent_id))
    try:
        return check_groupe(demandeur, Operation.CREER_SOUS_GROUPE, convention, parent, day)
    except GroupeUnknown as unknown:
        raise ParentUnknown from unknown


def _decide(request: Asked, state: State) -> Decision:
    """A responsable without an account gets one: identity makes it, and writes to him."""
    asked, day = request.message, entitlement.today(request)
    convention, parent = _place(request, state)
    groupe = vie_groupe.make_groupe(asked, parent, day)
    _nomme(asked).check(convention, state, day)
    opened = vie_groupe.open_groupe(
        groupe, parent, state.get(groupe.key_of(groupe.id)), state.get(_code_of(asked)), request.now
    )
    account = _nomme(asked).account_requested(
        convention, state, by=request.principal.id, now=request.now
    )
    return afas.both(opened, account)


OPEN_GROUPE = UseCase(
    message=OpenGroupe, keys=_keys, more_keys=entitlement.more_keys, decide=_decide
)
