"""CloseUser: an account is closed from a day on, today unless said otherwise [seed 002]."""

from typing import Any

from services.identity.domain import cloture
from services.identity.domain.compte import AdresseReservee, Compte
from services.identity.domain.copies import Groupe
from services.identity.domain.droits import Operation
from services.identity.handlers import entitlement
from shared.contracts.identity_commands import CloseUser
from shared.path.decision import Decision, Key, Reader, Request, State, UseCase

Responsable = tuple[Groupe, ...]
"""The groups of which the person is responsable."""


async def _prepare(request: Request[CloseUser, None], reader: Reader) -> Responsable:
    return tuple(await reader.find(Groupe, "responsable_id", request.message.user_id))


def address_too(request: Request[Any, Any], state: State) -> list[Key[Any]]:
    """The rights, and the mail address that the account has or gives up."""
    compte = state.get(Compte.key_of(request.message.user_id))
    address = [] if compte is None else [AdresseReservee.key_of(compte.mail)]
    return [*entitlement.more_keys(request, state), *address]


def _decide(request: Request[CloseUser, Responsable], state: State) -> Decision:
    personne = entitlement.entitled(request, state, Operation.CLOTURER)
    day = request.message.cloture or entitlement.today(request)
    return cloture.plan_closing(
        personne.compte,
        day,
        state,
        responsable_of=cloture.to_hand_over(request.prepared, personne.convention, day),
        by=request.principal.id,
        now=request.now,
    )


CLOSE_USER = UseCase(
    message=CloseUser,
    prepare=_prepare,
    keys=entitlement.keys,
    more_keys=address_too,
    decide=_decide,
)
