"""Servers that go away: stopped (connections refused) or frozen (connections that hang)."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from deploy.local.docker_kafka import DockerKafka
from deploy.local.embedded_broker import EmbeddedBroker
from deploy.local.server import Server
from deploy.local.servers import Servers


@asynccontextmanager
async def mongod_away(servers: Servers, *, frozen: bool) -> AsyncIterator[None]:
    """MongoDB is away inside, and back (primary again) after."""
    assert servers.mongod is not None, "a mongod of this run"
    async with _frozen(servers.mongod) if frozen else _stopped(servers.mongod):
        yield


@asynccontextmanager
async def broker_away(servers: Servers, *, frozen: bool) -> AsyncIterator[None]:
    """Kafka is away inside, and answers again after, with all that it had."""
    broker = servers.broker
    if isinstance(broker, EmbeddedBroker) and not frozen:
        broker.take_down()
        try:
            yield
        finally:
            broker.bring_up()
        return
    assert broker is not None, "a broker of this run"
    async with _frozen(broker) if frozen else _stopped(broker):
        yield


@asynccontextmanager
async def _stopped(server: Server | DockerKafka) -> AsyncIterator[None]:
    await asyncio.to_thread(server.kill)
    try:
        yield
    finally:
        await asyncio.to_thread(server.restart)


@asynccontextmanager
async def _frozen(server: Server | DockerKafka) -> AsyncIterator[None]:
    os.kill(server.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.pid, signal.SIGCONT)
