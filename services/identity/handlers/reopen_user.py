"""ReopenUser: taking the closing date away reactivates an account [seed 002]."""

from dataclasses import dataclass
from typing import Any

from services.identity.domain import cloture, lecture
from services.identity.domain.compte import AdresseReservee, Compte
from services.identity.domain.droits import Operation
from services.identity.domain.errors import ConventionOver
from services.identity.domain.ouverture import Envois
from services.identity.handlers import entitlement
from services.identity.handlers.close_user import address_too
from services.identity.handlers.issuing import Issuing
from shared.contracts.identity_commands import ReopenUser
from shared.path.decision import Decision, Key, Reader, Request, State, UseCase


@dataclass(frozen=True)
class Reouverture:
    """Who holds the account's address now, and the mails of who never got any."""

    holder: str | None = None
    envois: Envois | None = None


def reopen_user(issuing: Issuing) -> UseCase[ReopenUser, Reouverture]:
    """The use case, with what draws credentials for who never got any."""

    async def prepare(request: Request[ReopenUser, None], reader: Reader) -> Reouverture:
        compte = await reader.load(Compte.key_of(request.message.user_id))
        if compte is None:
            return Reouverture()
        reserved = await reader.load(AdresseReservee.key_of(compte.mail))
        holder = None if reserved is None else reserved.user_id
        if compte.generation > 0:
            return Reouverture(holder)
        if not await entitlement.may_so_far(request, reader, Operation.ROUVRIR):
            return Reouverture(holder)
        return Reouverture(holder, await issuing.write_both(compte, request.now))

    return UseCase(
        message=ReopenUser,
        prepare=prepare,
        keys=_keys,
        more_keys=address_too,
        decide=_decide,
    )


def _keys(request: Request[ReopenUser, Reouverture]) -> list[Key[Any]]:
    named, holder = entitlement.keys(request), request.prepared.holder
    return named if holder is None else [*named, Compte.key_of(holder)]


def _decide(request: Request[ReopenUser, Reouverture], state: State) -> Decision:
    personne = entitlement.entitled(request, state, Operation.ROUVRIR)
    convention = personne.convention
    if convention is not None and convention.is_over(entitlement.today(request)):
        raise ConventionOver
    return cloture.reopen(
        personne.compte,
        request.prepared.envois,
        state,
        demandeur=lecture.demandeur(request.principal, state, entitlement.today(request)),
        by=request.principal.id,
        now=request.now,
    )
