"""The probe as a process, asked from outside; clients that ask it all the time."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from deploy.local.servers import Servers
from shared.contracts import habilitation, identity
from shared.contracts.conventions import CodeService
from tests.harness.heartbeats import heartbeats
from tests.harness.http import ServiceClient
from tests.harness.platform import Platform
from tests.harness.polling import eventually
from tests.shared.droits.probe import MODULES, SERVICE, TOPICS
from tests.shared.droits.telling import Teller

DEADLINE_S = 20
CDAP = CodeService.CDAP


@dataclass
class Probe:
    """The running probe, and who tells it what it knows."""

    platform: Platform
    client: ServiceClient
    told: Teller

    async def decide(self, user_id: str, seen: str | None = None) -> httpx.Response:
        """Ask whether somebody has access to CDAP."""
        params = None if seen is None else {"seen": seen}
        return await self.client.request("GET", f"/acces/{user_id}/{CDAP}", params=params)

    async def becomes(self, user_id: str, manque: str | None) -> None:
        """Wait until that is missing to somebody, or nothing."""

        async def answered() -> bool:
            answer = await self.decide(user_id)
            return answer.status_code == 200 and answer.json()["manque"] == manque

        await eventually(answered, DEADLINE_S, f"{user_id}: {manque}")


@asynccontextmanager
async def probing(
    servers: Servers, services: Sequence[str] = (), replicas: int = 1
) -> AsyncIterator[Probe]:
    """The probe beside these services; who else tells is played."""
    platform = Platform(
        servers,
        (*services, SERVICE),
        modules=MODULES,
        topics=TOPICS,
        replicas={SERVICE: replicas},
    )
    played = {identity.SERVICE, habilitation.SERVICE} - set(services)
    async with platform, heartbeats(platform, played):
        yield Probe(platform, await platform.http(SERVICE), Teller(platform))


async def open_valfleury(told: Teller) -> str:
    """Tell of Valfleury, its CDAP with T1 and T2, `membre` of the group T1; returns its id."""
    await told.open_convention("19_214", administrateurs=("cheffe",))
    await told.sign("19_214", CDAP, profils=("T1", "T2"))
    for user_id in ("cheffe", "membre"):
        await told.open_account(user_id, "19_214")
    t1 = await told.open_groupe("19_214", "T1AS", responsable="cheffe")
    await told.assign_role(t1, CDAP, "T1")
    await told.add_to_groupe("membre", t1)
    return t1
