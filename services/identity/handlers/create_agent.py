"""CreateAgent: an internal account, made by an agent of the same Caf [seed 001]."""

from typing import Any

from services.identity.domain import lecture, ouverture
from services.identity.domain.compte import Compte
from services.identity.domain.droits import check_agent_creation
from services.identity.domain.ouverture import Issue
from services.identity.domain.personne import (
    read_fonctions,
    read_nom,
    read_own_mail,
    read_prenom,
)
from services.identity.handlers.entitlement import look, today
from services.identity.handlers.issuing import Issuing
from shared.contracts.comptes import GenreCompte
from shared.contracts.identity_commands import CreateAgent
from shared.path.decision import Decision, Key, Reader, Request, State, UseCase

Asked = Request[CreateAgent, Any]


def create_agent(issuing: Issuing) -> UseCase[CreateAgent, Issue]:
    """The use case, with what draws credentials."""

    async def prepare(request: Request[CreateAgent, None], reader: Reader) -> Issue:
        rights = lecture.keys(request.principal)
        _check(request, await look(request, reader, rights, lambda *_: []))
        return await issuing.issue(_account(request), request.now)

    return UseCase(
        message=CreateAgent, prepare=prepare, keys=_keys, more_keys=_more_keys, decide=_decide
    )


def _keys(request: Request[CreateAgent, Issue]) -> list[Key[Any]]:
    opened = ouverture.keys(_account(request), request.prepared)
    return [*opened, *lecture.keys(request.principal)]


def _more_keys(request: Asked, state: State) -> list[Key[Any]]:
    return [*ouverture.holder_keys(read_own_mail(request.message.mail), state)]


def _check(request: Asked, state: State) -> None:
    """Whether who asks may, and the dates hold."""
    asked, day = request.message, today(request)
    demandeur = lecture.demandeur(request.principal, state, day)
    check_agent_creation(demandeur, asked.caf, day)
    ouverture.check_dates(asked.ouverture or day, asked.cloture, day)


def _account(request: Asked) -> Compte:
    """The account to be made; its identifiant is drawn."""
    asked = request.message
    return Compte(
        id=asked.user_id,
        genre=GenreCompte.AGENT_CAF,
        caf=asked.caf,
        fonctions=read_fonctions(asked.fonctions),
        identifiant="",
        nom=read_nom(asked.nom),
        prenom=read_prenom(asked.prenom),
        mail=read_own_mail(asked.mail),
        telephone=asked.telephone,
        ouverture=asked.ouverture or today(request),
        cloture=asked.cloture,
    )


def _decide(request: Request[CreateAgent, Issue], state: State) -> Decision:
    _check(request, state)
    return ouverture.make_account(
        _account(request),
        request.prepared,
        state,
        by=request.principal.id,
        now=request.now,
        demandeur=lecture.demandeur(request.principal, state, today(request)),
    )
