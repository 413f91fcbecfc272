"""Who is known and is told no leaves one record, durable before the answer leaves (ADR-0023).

A refused command has its inbox row. What is no command, or does not come to be one (a reading, a
supposition, a file to import, a session that does not open so much) has none and is recorded here,
whatever its route: all refusals become answers in one place (problems.py), which asks for the
record. Who shows no token, or one that is not valid, is nobody: he is told 401, and of nobody there
is nothing to record.
"""

import structlog
from fastapi import Request
from pydantic import TypeAdapter, ValidationError

from shared.contracts.envelope import Id
from shared.errors import Refusal
from shared.ids import draw_id
from shared.mongo.acces_refuses import AccesRefuse, TooManyRefused, keep
from shared.mongo.client import Store
from shared.security.principal import Principal

SAY_NO = {403, 404}
"""Not permitted, or not there for who asks; other refusals are of what is ill-formed, too early."""
_ID = TypeAdapter(Id)


def admit(request: Request, principal: Principal) -> Principal:
    """Say who a request is from, once verified; its log lines get a correlation."""
    correlation = draw_id()
    structlog.contextvars.bind_contextvars(correlation=correlation)
    request.state.admis = principal, correlation
    return principal


def leave_to_inbox(request: Request) -> None:
    """What becomes of this request is told by its inbox row."""
    request.state.admis = None


class AccesRefuses:
    """Keeps the records of one service."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def recorded(self, request: Request, refusal: Refusal) -> Refusal:
        """The refusal to tell: this one once it is recorded, if it says no to somebody known.

        Raises StoreError: there is no unrecorded no.
        """
        admis = getattr(request.state, "admis", None)
        if admis is None or refusal.status not in SAY_NO:
            return refusal
        principal, correlation = admis
        route = f"{request.method} {request.scope['route'].path}"
        cible = {name: value for name, value in request.path_params.items() if _is_id(value)}
        try:
            await keep(self._store, AccesRefuse(principal, route, cible, refusal.code, correlation))
        except TooManyRefused as instead:
            return instead
        return refusal


def _is_id(value: object) -> bool:
    """Whether it is an id of ours; an address may name anything until its route looks at it."""
    try:
        _ID.validate_python(value)
    except ValidationError:
        return False
    return True
