"""The first agent of a Caf: made by an operator's command, once; he makes everyone else."""

from dataclasses import dataclass
from typing import Any, ClassVar

from services.identity.domain import ouverture
from services.identity.domain.compte import Compte
from services.identity.domain.errors import AgentExists, NotPermitted
from services.identity.domain.ouverture import Issue
from services.identity.domain.personne import read_mail, read_nom, read_prenom
from services.identity.handlers.issuing import Issuing
from shared.calendrier import day_of
from shared.contracts.comptes import Fonction, GenreCompte
from shared.path.decision import Decision, Document, Key, Reader, Request, State, UseCase
from shared.security.principal import ActorKind


@dataclass(frozen=True)
class BootstrapAgent:
    """Open the account of the first agent of a Caf, with every function."""

    user_id: str
    caf: str
    nom: str
    prenom: str
    mail: str


class Amorce(Document):
    """Tells that the first agent of a Caf was made; id = the code of the Caf."""

    COLLECTION: ClassVar[str] = "amorces"

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
    return [*opened, Amorce.key_of(asked.caf)]


def _decide(request: Request[BootstrapAgent, Issue], state: State) -> Decision:
    asked = request.message
    if state.get(Amorce.key_of(asked.caf)) is not None:
        raise AgentExists
    candidate = ouverture.choose(request.prepared, state)
    compte = Compte(
        id=asked.user_id,
        genre=GenreCompte.AGENT_CAF,
        caf=asked.caf,
        fonctions=tuple(Fonction),
        identifiant=candidate.identifiant,
        nom=read_nom(asked.nom),
        prenom=read_prenom(asked.prenom),
        mail=read_mail(asked.mail),
        ouverture=day_of(request.now),
    )
    opened = ouverture.open_account(
        compte, candidate, request.prepared, state, by=request.principal.id, now=request.now
    )
    amorce = Amorce(id=asked.caf, user_id=asked.user_id)
    return Decision((*opened.writes, amorce), opened.facts, opened.result)
