"""The first Caf agent: made by an operator's command, once; he makes everyone else."""

from dataclasses import dataclass
from typing import Any, ClassVar

from services.identity.domain import ouverture
from services.identity.domain.compte import Compte
from services.identity.domain.errors import AgentExists, NotPermitted
from services.identity.domain.ouverture import Issue
from services.identity.domain.personne import read_mail, read_nom, read_prenom
from services.identity.handlers.issuing import Issuing
from shared.calendrier import day_of
from shared.contracts.comptes import GenreCompte
from shared.path.decision import Decision, Document, Key, Reader, Request, State, UseCase
from shared.security.principal import ActorKind


@dataclass(frozen=True)
class BootstrapAgent:
    """Open the first Caf agent's account."""

    user_id: str
    nom: str
    prenom: str
    mail: str


class Amorce(Document):
    """Tells that the first agent was made."""

    COLLECTION: ClassVar[str] = "amorces"
    ID: ClassVar[str] = "premier_agent"

    user_id: str


def bootstrap_agent(issuing: Issuing) -> UseCase[BootstrapAgent, Issue]:
    """The use case, with what draws credentials."""

    async def prepare(request: Request[BootstrapAgent, None], _: Reader) -> Issue:
        if request.principal.kind is not ActorKind.SERVICE:
            raise NotPermitted
        asked = request.message
        return await issuing.issue(
            user_id=asked.user_id,
            to=read_mail(asked.mail),
            nom=read_nom(asked.nom),
            prenom=read_prenom(asked.prenom),
            now=request.now,
        )

    return UseCase(message=BootstrapAgent, prepare=prepare, keys=_keys, decide=_decide)


def _keys(request: Request[BootstrapAgent, Issue]) -> list[Key[Any]]:
    asked = request.message
    opened = ouverture.keys(asked.user_id, read_mail(asked.mail), request.prepared)
    return [*opened, Amorce.key_of(Amorce.ID)]


def _decide(request: Request[BootstrapAgent, Issue], state: State) -> Decision:
    if state.get(Amorce.key_of(Amorce.ID)) is not None:
        raise AgentExists
    asked = request.message
    candidate = ouverture.choose(request.prepared, state)
    compte = Compte(
        id=asked.user_id,
        genre=GenreCompte.AGENT_CAF,
        identifiant=candidate.identifiant,
        nom=read_nom(asked.nom),
        prenom=read_prenom(asked.prenom),
        mail=read_mail(asked.mail),
        ouverture=day_of(request.now),
    )
    opened = ouverture.open_account(
        compte, candidate, request.prepared, state, by=request.principal.id, now=request.now
    )
    amorce = Amorce(id=Amorce.ID, user_id=asked.user_id)
    return Decision((*opened.writes, amorce), opened.facts, opened.result)
