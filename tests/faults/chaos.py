"""What breaks things while a test runs: kills replicas and servers, starts again what died."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from deploy.local.embedded_broker import EmbeddedBroker
from deploy.local.mongod import Mongod
from deploy.local.servers import Servers
from tests.harness.replica import Replica

LOOK_S = 0.05
BROKER_AWAY_S = 3.0
"""How long an embedded broker, which has no process to lose, refuses connections (assumed)."""


class Chaos:
    """Kills and counts what it killed, by name."""

    def __init__(self, servers: Servers, replicas: Sequence[Replica]) -> None:
        self.kills: Counter[str] = Counter()
        self._servers = servers
        self._replicas = replicas
        self._starts: Counter[str] = Counter()

    @asynccontextmanager
    async def restarting(self) -> AsyncIterator[None]:
        """Start replicas again as soon as they die, whoever killed them."""
        async with _running(self._keep_alive()):
            yield

    @asynccontextmanager
    async def killing_replicas(self, every_s: tuple[float, float]) -> AsyncIterator[None]:
        """SIGKILL each replica at random moments, `every_s` seconds apart."""
        async with _running(*(self._kill_at_random(each, every_s) for each in self._replicas)):
            yield

    async def _keep_alive(self) -> None:
        while True:
            for replica in self._replicas:
                if not replica.running:
                    self._starts[replica.name] += 1
                    replica.start()
            await asyncio.sleep(LOOK_S)

    async def _kill_at_random(self, replica: Replica, every_s: tuple[float, float]) -> None:
        while True:
            await asyncio.sleep(random.uniform(*every_s))  # noqa: S311
            if replica.running:
                replica.kill()
                self.kills[f"{replica.name} at random"] += 1

    @property
    def starts(self) -> int:
        """How often a replica was started again."""
        return self._starts.total()

    async def kill_mongod(self) -> None:
        """SIGKILL mongod and start it again."""
        mongod = self.mongod
        await asyncio.to_thread(mongod.kill)
        self.kills["mongod"] += 1
        await asyncio.to_thread(mongod.restart)

    async def restart_kafka(self) -> None:
        """SIGKILL Kafka and start it again; the embedded broker refuses connections for a while."""
        broker = self._servers.broker
        assert broker is not None, "a broker of this run"
        self.kills["broker"] += 1
        if isinstance(broker, EmbeddedBroker):
            broker.take_down()
            await asyncio.sleep(BROKER_AWAY_S)
            broker.bring_up()
            return
        await asyncio.to_thread(broker.kill)
        await asyncio.to_thread(broker.restart)

    @property
    def mongod(self) -> Mongod:
        """The mongod of this run."""
        assert self._servers.mongod is not None, "a mongod of this run"
        return self._servers.mongod

    def count_crashes(self) -> None:
        """Add the kills at chosen points, as the replicas' logs tell them."""
        for replica in self._replicas:
            for line in replica.log_lines():
                if line.get("event") == "crash":
                    self.kills[f"at {line['point']}"] += 1


@asynccontextmanager
async def _running(*works: object) -> AsyncIterator[None]:
    tasks = [asyncio.ensure_future(work) for work in works]  # type: ignore[call-overload]
    try:
        yield
        for task in tasks:
            if task.done():
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
