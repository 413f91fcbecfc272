"""Two replicas of habilitation, asked at once."""

import asyncio
from collections.abc import Iterable
from typing import Any, NamedTuple

import httpx

from shared.contracts.topics import ROLE_ASSIGNMENTS
from shared.ids import draw_id
from shared.security.principal import Principal
from tests.habilitation.builders import ADMIN, CONVENTION
from tests.habilitation.running import Running
from tests.harness.topics import Record

BUSY = httpx.codes.SERVICE_UNAVAILABLE
GROUPES = f"/conventions/{CONVENTION}/groupes"


class Asked(NamedTuple):
    """One command by HTTP."""

    method: str
    path: str
    form: dict[str, str] | None = None
    by: Principal = ADMIN


class Doors(NamedTuple):
    """The doors of two replicas of habilitation."""

    first: Running
    second: Running

    async def ask(self, asked: Asked, place: int) -> str:
        """Ask one of them until it answers; the code of the refusal, or nothing."""
        door, key = self[place % 2], draw_id()
        while True:
            answer = await door.ask(asked.method, asked.path, asked.form, by=asked.by, key=key)
            if answer.status_code != BUSY:
                return "" if answer.is_success else str(answer.json()["code"])

    async def ask_at_once(self, commands: Iterable[Asked]) -> list[str]:
        """Ask all of them together, by both doors in turn."""
        return await asyncio.gather(*(self.ask(each, place) for place, each in enumerate(commands)))

    async def told(self) -> dict[str, list[dict[str, Any]]]:
        """What was told of every group and person, in the order of its life, each fact once."""
        records = await self.first.platform.read(ROLE_ASSIGNMENTS)
        own: dict[str, dict[int, Record]] = {}
        for each in records:
            subject, sequence = each.header("ce_subject") or "", each.header("ce_sequence") or ""
            own.setdefault(subject, {})[int(sequence)] = each
        return {
            subject: [each.json() for _, each in sorted(facts.items())]
            for subject, facts in own.items()
        }
