"""RequestAccount: the account of somebody new, for the groups named [seed 002][seed 004].

identity makes it and writes to the person, or tells why not; who is created for groups is then
welcomed in them (welcome_user.py).
"""

from dataclasses import replace
from typing import Any

from services.habilitation.domain import lecture
from services.habilitation.domain.convention import Convention
from services.habilitation.domain.designation import Nomme
from services.habilitation.domain.droits import Operation, check_convention, check_groupe
from services.habilitation.domain.errors import GroupeOver
from services.habilitation.domain.groupe import Groupe
from services.habilitation.handlers import entitlement
from shared.contracts.conventions import TitreDemande
from shared.contracts.habilitation_commands import RequestAccount
from shared.path.decision import Decision, Key, Request, State, UseCase

Asked = Request[RequestAccount, None]


def _keys(request: Asked) -> list[Key[Any]]:
    asked = request.message
    first = next(iter(asked.groupes), None)
    return [
        *lecture.keys(request.principal, asked.convention_id, first),
        *map(Groupe.key_of, asked.groupes),
        *_nomme(asked).keys(asked.convention_id),
    ]


def _nomme(asked: RequestAccount) -> Nomme:
    return Nomme(asked.user_id, asked.personne, TitreDemande.UTILISATEUR)


def _convention(request: Asked, state: State) -> Convention:
    """The convention, if who asks may have somebody made there, in each of these groups.

    Raises: ConventionUnknown, GroupeUnknown, NotPermitted, ConventionNotOpen, NotDelegated,
    ConventionOver, GroupeOver
    """
    asked, day = request.message, entitlement.today(request)
    demandeur = lecture.demandeur(request.principal, state, day)
    convention = state.get(Convention.key_of(asked.convention_id))
    groupes = [state.get(Groupe.key_of(each)) for each in asked.groupes]
    if not groupes:
        return check_convention(demandeur, Operation.CREER_UTILISATEUR, convention, day)
    checked = [
        check_groupe(demandeur, Operation.GERER_MEMBRES, convention, each, day) for each in groupes
    ]
    if not all(groupe.goes_on(day) for _, groupe in checked):
        raise GroupeOver
    return checked[0][0]


def _decide(request: Asked, state: State) -> Decision:
    """Writes:  demandes
    Tells:   AccountRequested
    """
    asked = request.message
    convention = _convention(request, state)
    _nomme(asked).check(convention, state, entitlement.today(request))
    requested = _nomme(asked).account_requested(
        convention, state, by=request.principal.id, now=request.now, groupes=asked.groupes
    )
    return replace(requested, result={"user_id": asked.user_id})


REQUEST_ACCOUNT = UseCase(
    message=RequestAccount, keys=_keys, more_keys=entitlement.more_keys, decide=_decide
)
