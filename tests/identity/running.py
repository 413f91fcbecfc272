"""identity as a process: an agent who can come in, and what a test asks of it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from deploy.local.servers import Servers
from services.identity.domain.session import draw_token
from shared.contracts.envelope import Command
from shared.contracts.identity import SERVICE
from shared.contracts.identity_commands import COMMANDS
from shared.contracts.topics import CREDENTIALS
from shared.ids import draw_id
from shared.mongo.documents import to_row
from shared.security.sealing import Opener
from tests.harness.http import ServiceClient
from tests.harness.platform import Platform
from tests.harness.topics import Follower, Headers, Outgoing, Record
from tests.identity.builders import AGENT, CAF, CONVENTION, agent, session

DEADLINE_S = 20
AGENT_SESSION = draw_token()


class Running:
    """identity alone on the session's servers."""

    def __init__(self, platform: Platform, client: ServiceClient) -> None:
        self.platform = platform
        self.client = client
        keys = {"keys": list(platform.settings.keys.sealing)}
        self._opener = Opener(json.dumps(keys))

    async def ask(
        self,
        method: str,
        path: str,
        json: Any = None,
        *,
        session: str | None = AGENT_SESSION,
        key: str | None = "",
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """One request, of the agent if nothing else is said, with a fresh key."""
        key = draw_id() if key == "" else key
        return await self.client.request(
            method, path, json, session=session, idempotency_key=key, headers=headers
        )

    async def ask_raw(
        self, path: str, content: bytes, *, key: bytes | None = None
    ) -> httpx.Response:
        """A POST of the agent with these very bytes, and that very key."""
        url = self.platform.replica(SERVICE).url
        headers = [
            (b"Authorization", f"Bearer {AGENT_SESSION}".encode()),
            (b"Content-Type", b"application/json"),
        ]
        if key is not None:
            headers.append((b"Idempotency-Key", key))
        async with httpx.AsyncClient(base_url=url) as client:
            return await client.post(path, content=content, headers=headers)

    async def create_user(self, user_id: str, **own: Any) -> None:
        """Open an account over HTTP."""
        answer = await self.ask("POST", "/users", form(user_id, **own))
        assert answer.status_code == 201, answer.text

    def opened(self, record: Record) -> dict[str, Any]:
        """What a record carries sealed, opened as notifications opens it."""
        return self._opener.open(record.json()["key_id"], record.json()["sealed"])

    async def credentials(self, user_id: str) -> tuple[str, str]:
        """The identifiant and the temporary password, opened as notifications opens them."""
        follower = await self.follow(CREDENTIALS)
        records = await follower.wait_for_many(
            lambda record: record.key == user_id.encode(), 2, DEADLINE_S, "two credentials"
        )
        opened: dict[str, Any] = {}
        for record in records:
            opened |= self.opened(record)
        return opened["identifiant"], opened["mot_de_passe"]

    async def follow(self, *topics: str) -> Follower:
        """Follow topics from their beginning."""
        return await self.platform.follow(*topics)

    async def token(self, *, session: str = AGENT_SESSION, audience: str = COMMANDS) -> str:
        """A command token of that session."""
        answer = await self.ask("POST", "/tokens", {"audience": audience}, session=session)
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["access_token"]
        return token

    async def publish(self, command: Command, token: str | None) -> str:
        """Publish a command as another system does; returns its id."""
        id = draw_id()
        topic = self.platform.topic(COMMANDS)
        headers = headers_of(command, id, token)
        record = Outgoing(topic, command.key.encode(), headers, command.to_json())
        await self.platform.publish([record])
        return id


def headers_of(command: Command, id: str, token: str | None) -> Headers:
    """The headers of a command."""
    headers = {
        "ce_specversion": "1.0",
        "ce_id": id,
        "ce_type": command.TYPE,
        "ce_source": "/tests/identity",
        "ce_subject": command.key,
        "content-type": "application/json",
    }
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    return tuple((name, value.encode()) for name, value in headers.items())


def form(user_id: str | None = None, **own: Any) -> dict[str, Any]:
    """The form that opens an account."""
    mail = own.get("mail", f"{user_id or f'essai.{draw_id()}'}@commune.example")
    values = {
        "convention_id": CONVENTION,
        "nom": "Benali",
        "prenom": "Aïcha",
        "mail": mail,
        "mail_confirmation": mail,
    }
    if own.get("telephone"):
        values["telephone_confirmation"] = own["telephone"]
    return values | ({} if user_id is None else {"user_id": user_id}) | own


@asynccontextmanager
async def running(
    servers: Servers, *, beside: tuple[str, ...] = (), **options: Any
) -> AsyncIterator[Running]:
    """A process of identity, and an agent of the Caf in session; `options` of the platform.

    `beside`: other services that run too.
    """
    async with Platform(servers, (SERVICE, *beside), **options) as platform:
        yield await _with_agent(platform)


@asynccontextmanager
async def anew(platform: Platform) -> AsyncIterator[Running]:
    """The same on a platform that stands, as if nothing had been asked of it before."""
    await platform.begin_again()
    try:
        yield await _with_agent(platform)
    finally:
        await platform.hang_up()


async def _with_agent(platform: Platform) -> Running:
    database = platform.database(SERVICE)
    now = datetime.now(UTC) - timedelta(seconds=1)
    opened = session(token=AGENT_SESSION, user_id=AGENT.id, opened_at=now, seen_at=now, version=1)
    database["comptes"].insert_one(to_row(agent(version=1)))
    database["sessions"].insert_one(to_row(opened))
    await platform.habilitation.open_convention(CONVENTION, caf=CAF)
    await platform.habilitation.known_to(SERVICE)
    return Running(platform, await platform.http(SERVICE))
