"""The rights of who asks, for every use case that touches another's account.

Decided on what the group loaded. What costs a hash is looked at beforehand too, so that nobody
makes the service work for what he may not ask.
"""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from services.identity.domain import lecture
from services.identity.domain.droits import Operation, Personne, check
from shared.calendrier import day_of
from shared.errors import Refusal
from shared.path.decision import Key, Reader, Request, State

R = Request[Any, Any]
"""A command about one account, `user_id`."""


def keys(request: R) -> list[Key[Any]]:
    """The documents by which the rights on an account are decided."""
    return lecture.keys(request.principal, user_id=request.message.user_id)


def more_keys(request: R, state: State) -> list[Key[Any]]:
    """Those that the first round tells of."""
    return lecture.more_keys(
        request.principal, state, today(request), user_id=request.message.user_id
    )


def entitled(request: R, state: State, operation: Operation) -> Personne:
    """The person whose account it is, if who asks may do that to it.

    Raises: UserUnknown, NotPermitted, ConventionNotOpen, NotDelegated
    """
    day = today(request)
    return check(
        lecture.demandeur(request.principal, state, day),
        operation,
        lecture.personne(state, request.message.user_id, day),
        day,
    )


async def may_so_far(request: R, reader: Reader, operation: Operation) -> bool:
    """Whether who asks may, by what can be read before any transaction: a hash is made for no
    other. The decision tells whoever may not, and is the one that counts.
    """
    state = await look(request, reader, keys(request), more_keys)
    try:
        entitled(request, state, operation)
    except Refusal:
        return False
    return True


async def look(
    request: R,
    reader: Reader,
    first: Iterable[Key[Any]],
    more: Callable[[R, State], Iterable[Key[Any]]],
) -> State:
    """The same documents before any transaction: what they say may be old."""
    state = State({key: await reader.load(key) for key in first})
    further = [key for key in more(request, state) if key not in state]
    state.add({key: await reader.load(key) for key in further})
    return state


def today(request: R) -> date:
    """The day on which it is asked."""
    return day_of(request.now)
