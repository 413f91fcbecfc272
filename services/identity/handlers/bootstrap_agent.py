"""The first agent of a Caf: made by an operator's command, once; he makes everyone else."""

from dataclasses import dataclass
from typing import Any, ClassVar

from services.identity.domain import ouverture
from services.identity.domain.compte import Compte
from services.identity.domain.errors import AgentExists, NotPermitted
from services.identity.domain.ouverture import Issue
from services.identity.domain.personne import read_nom, read_own_mail, read_prenom
from services.identity.handlers.entitlement import today
from services.identity.handlers.issuing import Issuing
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
        return await issuing.issue(_account(request), request.now)

    return UseCase(message=BootstrapAgent, prepare=prepare, keys=_keys, decide=_decide)


def _keys(request: Request[BootstrapAgent, Issue]) -> list[Key[Any]]:
    opened = ouverture.keys(_account(request), request.prepared)
    return [*opened, Amorce.key_of(request.message.caf)]


def _account(request: Request[BootstrapAgent, Any]) -> Compte:
    """The account to be made, of every function; its identifiant is drawn."""
    asked = request.message
    return Compte(
        id=asked.user_id,
        genre=GenreCompte.AGENT_CAF,
        caf=asked.caf,
        fonctions=tuple(Fonction),
        identifiant="",
        nom=read_nom(asked.nom),
        prenom=read_prenom(asked.prenom),
        mail=read_own_mail(asked.mail),
        ouverture=today(request),
    )


def _decide(request: Request[BootstrapAgent, Issue], state: State) -> Decision:
    asked = request.message
    if state.get(Amorce.key_of(asked.caf)) is not None:
        raise AgentExists
    made = ouverture.make_account(
        _account(request), request.prepared, state, by=request.principal.id, now=request.now
    )
    amorce = Amorce(id=asked.caf, user_id=asked.user_id)
    return Decision((*made.writes, amorce), made.facts, made.result)
