"""InjectBailleur: an information system makes the account of a private landlord [seed 003]."""

from typing import Any

from services.identity.domain import ouverture
from services.identity.domain.compte import Compte
from services.identity.domain.droits import check_bailleur_creation
from services.identity.domain.ouverture import Issue
from services.identity.domain.personne import read_nom, read_own_mail, read_prenom
from services.identity.handlers.entitlement import today
from services.identity.handlers.issuing import Issuing
from shared.contracts.comptes import GenreCompte
from shared.contracts.identity_commands import InjectBailleur
from shared.path.decision import Decision, Key, Reader, Request, State, UseCase

Asked = Request[InjectBailleur, Any]


def inject_bailleur(issuing: Issuing) -> UseCase[InjectBailleur, Issue]:
    """The use case, with what draws credentials."""

    async def prepare(request: Request[InjectBailleur, None], _: Reader) -> Issue:
        check_bailleur_creation(request.principal)
        return await issuing.issue(_account(request), request.now)

    return UseCase(
        message=InjectBailleur, prepare=prepare, keys=_keys, more_keys=_more_keys, decide=_decide
    )


def _keys(request: Request[InjectBailleur, Issue]) -> list[Key[Any]]:
    return ouverture.keys(_account(request), request.prepared)


def _more_keys(request: Asked, state: State) -> list[Key[Any]]:
    return [*ouverture.holder_keys(read_own_mail(request.message.mail), state)]


def _account(request: Asked) -> Compte:
    """The account to be made: no convention; its identifiant is drawn."""
    asked = request.message
    return Compte(
        id=asked.user_id,
        genre=GenreCompte.BAILLEUR,
        caf=asked.caf,
        identifiant="",
        nom=read_nom(asked.nom),
        prenom=read_prenom(asked.prenom),
        mail=read_own_mail(asked.mail),
        telephone=asked.telephone,
        ouverture=today(request),
    )


def _decide(request: Request[InjectBailleur, Issue], state: State) -> Decision:
    return ouverture.make_account(
        _account(request), request.prepared, state, by=request.principal.id, now=request.now
    )
