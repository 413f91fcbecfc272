"""habilitation as a process: what there is everywhere in its store, and tokens for anybody."""

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from pymongo import ReplaceOne

from deploy.local.servers import Servers
from shared.contracts.envelope import Command
from shared.contracts.habilitation import SERVICE
from shared.contracts.topics import commands_topic
from shared.ids import draw_id
from shared.mongo.documents import to_row
from shared.path.decision import Document
from shared.security.principal import Principal
from shared.security.tokens import TokenIssuer, http_audience
from tests.habilitation.builders import ADMIN, everywhere
from tests.harness.http import ServiceClient
from tests.harness.platform import Platform
from tests.harness.topics import Follower, Outgoing

COMMANDS = commands_topic(SERVICE)
DEADLINE_S = 20
OURS = ("inbox", "outbox", "reactions", "acces_refuses")
"""Collections that are no documents of the trade: what was asked, refused, what is to be told."""


class Running:
    """habilitation on the session's servers, with the conventions and people of the builders."""

    def __init__(self, platform: Platform, client: ServiceClient) -> None:
        self.platform = platform
        self.client = client
        self.ahead = timedelta()
        """How far the platform's clock is ahead: tokens are judged by it."""
        self._issuer = TokenIssuer(json.dumps(platform.settings.keys.signing))

    def token(self, by: Principal, audience: str = http_audience(SERVICE)) -> str:
        """A token of that person, as identity makes it for the HTTP door or for commands."""
        return self._issuer.issue(by, audience=audience, now=datetime.now(UTC) + self.ahead)

    def set_clock(self, offset: timedelta) -> None:
        """The platform is that far ahead; its processes follow in a moment."""
        self.platform.set_clock(offset)
        self.ahead = offset

    def put(self, *documents: Document) -> None:
        """Store documents as if they had been written before."""
        put(self.platform, documents)

    def stored(self) -> dict[str, list[dict[str, Any]]]:
        """Every document of the trade, to see that nothing changed."""
        database = self.platform.database(SERVICE)
        return {
            name: sorted(database[name].find(), key=lambda row: str(row["_id"]))
            for name in database.list_collection_names()
            if name not in OURS
        }

    def refusals(self) -> list[dict[str, Any]]:
        """The record of each no: an access that was refused, a command that was."""
        database = self.platform.database(SERVICE)
        refused = database["inbox"].find({"status": "refused"})
        return [*database["acces_refuses"].find().sort("at", 1), *refused]

    async def ask(
        self,
        method: str,
        path: str,
        json: Any = None,
        *,
        by: Principal | None = ADMIN,
        key: str | None = "",
        params: dict[str, str] | None = None,
    ) -> httpx.Response:
        """One request, of our administrateur if nobody else is said, with a fresh key."""
        return await self.client.request(
            method,
            path,
            json,
            session=None if by is None else self.token(by),
            idempotency_key=draw_id() if key == "" else key,
            params=params,
        )

    async def read(self, path: str, by: Principal = ADMIN, /, **params: str) -> Any:
        """What is shown at an address; it must be shown."""
        answer = await self.ask("GET", path, by=by, key=None, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def follow(self, *topics: str) -> Follower:
        """Follow topics from their beginning."""
        return await self.platform.follow(*topics)

    async def publish(self, command: Command, by: Principal) -> str:
        """Publish a command as another system does; returns its id."""
        id = draw_id()
        headers = {
            "ce_specversion": "1.0",
            "ce_id": id,
            "ce_type": command.TYPE,
            "ce_source": "/tests/habilitation",
            "ce_subject": command.key,
            "content-type": "application/json",
            "authorization": f"Bearer {self.token(by, COMMANDS)}",
        }
        encoded = tuple((name, value.encode()) for name, value in headers.items())
        topic = self.platform.topic(COMMANDS)
        await self.platform.publish(
            [Outgoing(topic, command.key.encode(), encoded, command.to_json())]
        )
        return id


def put(platform: Platform, documents: Iterable[Document]) -> None:
    """Store documents of habilitation as if they had been written before."""
    rows: defaultdict[str, list[ReplaceOne[dict[str, Any]]]] = defaultdict(list)
    for each in documents:
        row = to_row(each.changed(version=1, seq=1))
        rows[each.COLLECTION].append(ReplaceOne({"_id": each.id}, row, upsert=True))
    for name, operations in rows.items():
        platform.database(SERVICE)[name].bulk_write(operations)


@asynccontextmanager
async def running(servers: Servers, **options: Any) -> AsyncIterator[Running]:
    """habilitation as a process, with what there is everywhere; `options` are the platform's."""
    async with Platform(servers, (SERVICE,), **options) as platform:
        yield await _with_builders(platform)


@asynccontextmanager
async def anew(platform: Platform) -> AsyncIterator[Running]:
    """The same on a platform that stands, as if nothing had been asked of it before."""
    await platform.begin_again()
    try:
        yield await _with_builders(platform)
    finally:
        await platform.hang_up()


async def _with_builders(platform: Platform) -> Running:
    put(platform, everywhere())
    return Running(platform, await platform.http(SERVICE))


def of_two(servers: Servers) -> Platform:
    """Two replicas of habilitation; on the embedded broker one.

    The mock does not balance two members of the groups of a service within the time of a start.
    """
    replicas = 1 if servers.kind == "embedded" else 2
    return Platform(servers, (SERVICE,), replicas={SERVICE: replicas})


@asynccontextmanager
async def both_anew(platform: Platform) -> AsyncIterator[tuple[Running, Running]]:
    """The doors of the first and of the last replica, as if nothing had been asked before."""
    async with anew(platform) as first:
        last = len(platform.replicas()) - 1
        yield first, Running(platform, await platform.http(SERVICE, last))
