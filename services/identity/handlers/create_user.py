"""CreateUser: a Caf agent opens the account of a partner's person [seed 002]."""

from typing import Any

from services.identity.domain import ouverture
from services.identity.domain.compte import Compte
from services.identity.domain.errors import NotPermitted
from services.identity.domain.ouverture import Issue
from services.identity.domain.personne import read_mail, read_nom, read_prenom
from services.identity.handlers.issuing import Issuing
from shared.calendrier import day_of
from shared.contracts.comptes import GenreCompte
from shared.contracts.identity import CreateUser
from shared.path.decision import Decision, Key, Reader, Request, State, UseCase
from shared.security.principal import ActorKind


def create_user(issuing: Issuing) -> UseCase[CreateUser, Issue]:
    """The use case, with what draws credentials."""

    async def prepare(request: Request[CreateUser, None], _: Reader) -> Issue:
        if request.principal.kind is not ActorKind.AGENT_CAF:
            raise NotPermitted
        asked = request.message
        return await issuing.issue(
            user_id=asked.user_id,
            to=read_mail(asked.mail),
            nom=read_nom(asked.nom),
            prenom=read_prenom(asked.prenom),
            now=request.now,
        )

    return UseCase(message=CreateUser, prepare=prepare, keys=_keys, decide=_decide)


def _keys(request: Request[CreateUser, Issue]) -> list[Key[Any]]:
    asked = request.message
    return ouverture.keys(asked.user_id, read_mail(asked.mail), request.prepared)


def _decide(request: Request[CreateUser, Issue], state: State) -> Decision:
    asked = request.message
    candidate = ouverture.choose(request.prepared, state)
    compte = Compte(
        id=asked.user_id,
        genre=GenreCompte.PARTENAIRE,
        convention_id=asked.convention_id,
        identifiant=candidate.identifiant,
        nom=read_nom(asked.nom),
        prenom=read_prenom(asked.prenom),
        mail=read_mail(asked.mail),
        telephone=asked.telephone,
        poste=asked.poste,
        ouverture=day_of(request.now),
    )
    return ouverture.open_account(
        compte, candidate, request.prepared, state, by=request.principal.id, now=request.now
    )
