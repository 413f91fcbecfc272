"""The HTTP door: the same use cases, inbox and commit; the answer leaves after it."""

import asyncio
import hmac
import re
from collections.abc import Callable

import structlog
from fastapi import Request

from shared.clock import Clock
from shared.errors import Unavailable
from shared.http.acces_refuses import leave_to_inbox
from shared.http.problems import InFlight, KeyMissing, KeyReused, OutboxFull, Refused
from shared.ids import derive_id, draw_id
from shared.path.committer import Committer
from shared.path.decision import M, P, UseCase
from shared.path.decision import Request as Asked
from shared.path.ports import Faults, Memory
from shared.path.preparation import prepare
from shared.path.work import Ask, Outcome, Repeat, Work
from shared.security.macs import Macs
from shared.security.principal import Principal

ANSWER_S = 8.0
"""How long a caller waits for the store before the answer is 503 (assumed)."""
FULL = 10_000
"""Rows waiting in a process above which commands are turned away (ADR-0002)."""
_KEY = re.compile(r"[\x21-\x7e]{1,128}")
KEYED = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": True,
            "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$"},
            "description": "Propre à cette demande : la répéter ne la fait pas deux fois.",
        }
    ]
}
"""What the OpenAPI document says of a route that asks for a command (`openapi_extra=KEYED`)."""


class HttpDoor:
    """Takes commands that need an answer now."""

    def __init__(
        self,
        *,
        committer: Committer,
        reader: Memory,
        faults: Faults,
        clock: Clock,
        macs: Macs,
        queued: Callable[[], int],
    ) -> None:
        self._committer = committer
        self._reader = reader
        self._faults = faults
        self._clock = clock
        self._macs = macs
        self._in_flight: set[str] = set()
        self._queued = queued

    async def ask(
        self, request: Request, use_case: UseCase[M, P], message: M, principal: Principal
    ) -> Outcome:
        """Have a command decided, once per key; a refusal is raised as `Refused`.

        Raises `KeyMissing`, `KeyReused`, `InFlight`, `OutboxFull`, or `Unavailable` when the store
        stays away. `outcome.first` tells an answer given before.
        """
        key = request.headers.get("idempotency-key", "")
        if not _KEY.fullmatch(key):
            raise KeyMissing
        if self._queued() > FULL:
            raise OutboxFull
        leave_to_inbox(request)
        route = f"{request.method} {request.url.path}"
        mac = self._macs.of("body", await request.body())
        inbox_id = derive_id("http", route, principal.kind, principal.id, key)
        asked = {"actor": principal.id, "route": route, "body_mac": mac}
        if inbox_id in self._in_flight:
            raise InFlight
        self._in_flight.add(inbox_id)
        try:
            outcome = await self._decide(use_case, message, principal, inbox_id, asked)
        finally:
            self._in_flight.discard(inbox_id)
        if not outcome.asked or not hmac.compare_digest(outcome.asked["body_mac"], mac):
            raise KeyReused
        if outcome.refusal is not None:
            raise Refused(outcome.refusal)
        return outcome

    async def _decide(
        self,
        use_case: UseCase[M, P],
        message: M,
        principal: Principal,
        inbox_id: str,
        asked: dict[str, str],
    ) -> Outcome:
        correlation_id = draw_id()
        structlog.contextvars.bind_contextvars(correlation=correlation_id)
        work = Ask(
            inbox_id=inbox_id,
            use_case=use_case,
            request=Asked(message, principal, self._clock.now(), inbox_id, correlation_id, None),
            type=getattr(use_case.message, "TYPE", use_case.message.__name__),
            key=str(getattr(message, "key", inbox_id)),
            asked=asked,
        )
        try:
            async with asyncio.timeout(ANSWER_S):
                return await self._committed(await self._prepared(work))
        except TimeoutError as error:
            raise Unavailable from error
        except Exception as error:
            if self._faults.is_transient(error):
                raise Unavailable from error
            raise

    async def _prepared(self, work: Ask) -> Work:
        """With its slow part done; a known request is not prepared again: it has its answer."""
        if work.is_slow and await self._reader.known_of([work.inbox_id]):
            return Repeat(work.inbox_id)
        return await prepare(work, self._reader, self._faults)

    async def _committed(self, work: Work) -> Outcome:
        ticket = self._committer.submit(work)
        try:
            return await ticket.committed
        finally:
            ticket.withdrawn = True
