"""The first agent of a Caf: made by an operator's command; he makes everyone else.

Again only when no open account of that Caf may make any: it would be shut out for ever.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from services.identity.domain import ouverture
from services.identity.domain.compte import Compte
from services.identity.domain.errors import AgentExists, NotPermitted
from services.identity.domain.ouverture import Issue
from services.identity.domain.personne import read_nom, read_own_mail, read_prenom
from services.identity.handlers.entitlement import today
from services.identity.handlers.issuing import Issuing
from shared.contracts.comptes import EtatCompte, Fonction, GenreCompte
from shared.errors import Outdated
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
    """Tells who was made the first agent of a Caf last; id = the code of the Caf."""

    COLLECTION: ClassVar[str] = "amorces"

    user_id: str


@dataclass(frozen=True)
class Amorcage:
    """What was drawn, and who the first agent was of a Caf that has none left."""

    issue: Issue
    before: str | None


def bootstrap_agent(issuing: Issuing) -> UseCase[BootstrapAgent, Amorcage]:
    """The use case, with what draws credentials."""

    async def prepare(request: Request[BootstrapAgent, None], reader: Reader) -> Amorcage:
        if request.principal.kind is not ActorKind.SERVICE:
            raise NotPermitted
        caf, day = request.message.caf, today(request)
        before = await reader.load(Amorce.key_of(caf))
        if before is not None:
            accounts = await reader.find(Compte, "caf", caf)
            if any(_can_make_others(each, day) for each in accounts):
                raise AgentExists
        issue = await issuing.issue(_account(request), request.now)
        return Amorcage(issue, None if before is None else before.user_id)

    return UseCase(
        message=BootstrapAgent, prepare=prepare, keys=_keys, more_keys=_more_keys, decide=_decide
    )


def _can_make_others(compte: Compte, day: date) -> bool:
    """Whether it is an agent's, open or about to be, with the function that makes accounts."""
    agent = compte.genre is GenreCompte.AGENT_CAF and Fonction.HABILITATIONS in compte.fonctions
    return agent and compte.etat_at(day) is not EtatCompte.CLOTURE


def _keys(request: Request[BootstrapAgent, Amorcage]) -> list[Key[Any]]:
    opened = ouverture.keys(_account(request), request.prepared.issue)
    return [*opened, Amorce.key_of(request.message.caf)]


def _more_keys(request: Request[BootstrapAgent, Amorcage], state: State) -> list[Key[Any]]:
    return [*ouverture.holder_keys(read_own_mail(request.message.mail), state)]


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


def _decide(request: Request[BootstrapAgent, Amorcage], state: State) -> Decision:
    asked, prepared = request.message, request.prepared
    before = state.get(Amorce.key_of(asked.caf))
    if (None if before is None else before.user_id) != prepared.before:
        raise Outdated  # another was made in the meantime
    made = ouverture.make_account(
        _account(request), prepared.issue, state, by=request.principal.id, now=request.now
    )
    amorce = Amorce(id=asked.caf, user_id=asked.user_id)
    return Decision((*made.writes, amorce), made.facts, made.result)
