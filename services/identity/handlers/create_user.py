"""CreateUser: the account of a partner's person, asked by who may in that convention [seed 002]."""

from typing import Any

from services.identity.domain import lecture, ouverture
from services.identity.domain.compte import Compte
from services.identity.domain.copies import Convention, Groupe
from services.identity.domain.droits import check_creation
from services.identity.domain.ouverture import Issue
from services.identity.domain.personne import read_nom, read_own_mail, read_prenom
from services.identity.handlers.entitlement import look, today
from services.identity.handlers.issuing import Issuing
from shared.contracts.comptes import GenreCompte
from shared.contracts.identity_commands import CreateUser
from shared.path.decision import Decision, Key, Reader, Request, State, UseCase

Asked = Request[CreateUser, Any]


def create_user(issuing: Issuing) -> UseCase[CreateUser, Issue]:
    """The use case, with what draws credentials."""

    async def prepare(request: Request[CreateUser, None], reader: Reader) -> Issue:
        _check(request, await look(request, reader, _rights(request), _more_rights))
        return await issuing.issue(_account(request), request.now)

    return UseCase(
        message=CreateUser, prepare=prepare, keys=_keys, more_keys=_more_keys, decide=_decide
    )


def _keys(request: Request[CreateUser, Issue]) -> list[Key[Any]]:
    return [*ouverture.keys(_account(request), request.prepared), *_rights(request)]


def _rights(request: Asked) -> list[Key[Any]]:
    asked = request.message
    return lecture.keys(request.principal, convention_id=asked.convention_id, groupes=asked.groupes)


def _more_rights(request: Asked, state: State) -> list[Key[Any]]:
    return lecture.more_keys(request.principal, state, today(request))


def _more_keys(request: Asked, state: State) -> list[Key[Any]]:
    holder = ouverture.holder_keys(read_own_mail(request.message.mail), state)
    return [*_more_rights(request, state), *holder]


def _check(request: Asked, state: State) -> None:
    """Whether who asks may, and the dates hold."""
    asked, day = request.message, today(request)
    check_creation(
        lecture.demandeur(request.principal, state, day),
        state.get(Convention.key_of(asked.convention_id)),
        [state.get(Groupe.key_for(each)) for each in asked.groupes],
        day,
    )
    ouverture.check_dates(asked.ouverture or day, asked.cloture, day)


def _account(request: Asked) -> Compte:
    """The account to be made; its identifiant is drawn."""
    asked = request.message
    return Compte(
        id=asked.user_id,
        genre=GenreCompte.PARTENAIRE,
        convention_id=asked.convention_id,
        identifiant="",
        nom=read_nom(asked.nom),
        prenom=read_prenom(asked.prenom),
        mail=read_own_mail(asked.mail),
        telephone=asked.telephone,
        poste=asked.poste,
        ouverture=asked.ouverture or today(request),
        cloture=asked.cloture,
    )


def _decide(request: Request[CreateUser, Issue], state: State) -> Decision:
    _check(request, state)
    convention = state.get(Convention.key_of(request.message.convention_id))
    return ouverture.make_account(
        _account(request).of_caf(convention),
        request.prepared,
        state,
        by=request.principal.id,
        now=request.now,
        groupes=request.message.groupes,
        demandeur=lecture.demandeur(request.principal, state, today(request)),
    )
