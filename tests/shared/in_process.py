"""The tiny service in the test's own process, where a test can reach inside it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx

from deploy.local.environment import PlatformSettings
from deploy.local.servers import Servers
from deploy.topics import Cluster, create_topics, delete_topics
from shared.contracts.envelope import Command
from shared.contracts.topics import group_of
from shared.http.app import make_app
from shared.runtime import Runtime
from shared.security.principal import Principal
from shared.service import Service
from tests.harness.access import Access
from tests.harness.polling import eventually
from tests.shared.tiny import (
    AGENT,
    COMMANDS,
    KEYS,
    SERVICE,
    TOPICS,
    build,
    commands_of,
    tiny_settings,
)

STARTED_S = 30
"""How long a service may take to start; assumed."""


class Here(Access):
    """Topics and a database of its own; services run in this process."""

    def __init__(self, servers: Servers, name: str) -> None:
        super().__init__(
            PlatformSettings(servers, KEYS, prefix=f"{name}.", database_prefix=f"{name}_")
        )

    @property
    def _cluster(self) -> Cluster:
        servers = self.settings.servers
        return Cluster(
            bootstrap=servers.kafka,
            prefix=self.settings.prefix,
            control=servers.kafka_control,
            max_replication=None if servers.broker is None else 1,
        )

    async def open(self) -> None:
        """Create the topics."""
        await create_topics(self._cluster, TOPICS)

    async def close(self) -> None:
        """Drop the database, delete the topics."""
        self._mongo.drop_database(self.settings.database(SERVICE))
        self._mongo.close()
        await self.hang_up()
        await delete_topics(self._cluster, TOPICS)

    def service(self, *, settings: Mapping[str, Any] | None = None, **parts: Any) -> Service:
        """The tiny service, some of its settings and parts otherwise."""
        given = self.settings
        own = tiny_settings(given.servers, given.prefix, given.database(SERVICE))
        return replace(build(own.model_copy(update=settings or {})), **parts)

    @asynccontextmanager
    async def running(self, service: Service | None = None) -> AsyncIterator[Runtime]:
        """One process of the service, started; stopped cleanly at the end."""
        runtime = Runtime(service or self.service())
        task = asyncio.create_task(runtime.run())
        try:
            await eventually(lambda: runtime.health.started or task.done(), STARTED_S, "started")
            yield runtime
        finally:
            runtime._stop_asked.set()
            await asyncio.wait({task})

    async def ask(self, commands: Mapping[str, Command], principal: Principal = AGENT) -> None:
        """Publish commands, by message id."""
        await self.publish(commands_of(KEYS, self.topic(COMMANDS), commands, principal))

    async def no_lag(self, topic: str = COMMANDS) -> bool:
        """Whether the service has committed all of a topic."""
        return await self.lag(group_of(SERVICE, topic), topic) == 0


@asynccontextmanager
async def http(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service's HTTP door, without a socket."""
    transport = httpx.ASGITransport(make_app(runtime), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://tiny") as client:
        yield client
