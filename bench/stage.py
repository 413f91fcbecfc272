"""Where a row is played: real servers, a platform of ours, bare programs beside it."""

import asyncio
import dataclasses
import json
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pymongo import MongoClient
from pymongo.database import Database

from bench.bare.settings import BareSettings
from bench.wire import Wire
from deploy.local.process import Process
from deploy.local.servers import Servers, running_servers
from deploy.topics import Cluster, create_topics
from shared.contracts.topics import ROLE_ASSIGNMENTS, TOPICS, USER_LIFECYCLE, Topic
from tests.harness.platform import Platform, random_name
from tests.harness.replica import Replica

READY_S = 30
DATED = (USER_LIFECYCLE, ROLE_ASSIGNMENTS)


class Runner(Protocol):
    """One process that takes part in a round."""

    async def start(self) -> None:
        """Start and wait until it works."""

    async def stop(self) -> None:
        """Stop, and wait until it is gone."""

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""

    @property
    def pid(self) -> int:
        """Its pid."""


@dataclass(frozen=True)
class OurRunner:
    """A process of a service; it is stopped as an operator stops it."""

    replica: Replica

    async def start(self) -> None:
        """Start and wait until it is ready: its partitions are assigned."""
        self.replica.start()
        await self.replica.wait_ready()

    async def stop(self) -> None:
        """SIGTERM."""
        await self.replica.terminate()

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        self.replica.process.send(number)

    @property
    def pid(self) -> int:
        """Its pid."""
        return self.replica.pid


@dataclass(frozen=True)
class BareRunner:
    """A bare program, which prints `ready`; it holds nothing that a kill could lose."""

    process: Process
    output: Path

    async def start(self) -> None:
        """Start and wait for its word."""
        self.output.unlink(missing_ok=True)
        self.process.start()
        await asyncio.to_thread(
            self.process.wait_until,
            lambda: self.output.exists() and "ready" in self.output.read_text(),
            READY_S,
            "ready",
        )

    async def stop(self) -> None:
        """SIGTERM, for it has no clean stop."""
        await asyncio.to_thread(self.process.stop, READY_S)

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        self.process.send(number)

    @property
    def pid(self) -> int:
        """Its pid."""
        return self.process.pid


@dataclass
class Stage:
    """The servers of one broker kind, and what runs on them."""

    servers: Servers
    broker: str
    wire: Wire
    mongo: MongoClient[dict[str, Any]]

    def platform(self, services: Sequence[str], **options: Any) -> Platform:
        """Services of ours, none started yet; the broker dates the facts that are counted."""
        topics = {**TOPICS, **{name: _dated(TOPICS[name]) for name in DATED}}
        none = dict.fromkeys(services, 0)
        return Platform(self.servers, services, replicas=none, topics=topics.values(), **options)

    async def bare_topics(self, *names: str) -> list[str]:
        """Topics of the bare programs, with as many partitions and the same settings."""
        like = _dated(TOPICS[USER_LIFECYCLE])
        prefix = f"{random_name()}."
        topics = [dataclasses.replace(like, name=f"bare.{name}") for name in names]
        control = self.servers.kafka_control
        await create_topics(Cluster(self.servers.kafka, prefix, control, 1), topics)
        return [topic.full(prefix) for topic in topics]

    def bare_database(self) -> Database[dict[str, Any]]:
        """A database of the bare programs."""
        return self.mongo[f"bare_{random_name()}"]

    def bare(self, module: str, **told: Any) -> BareRunner:
        """A bare program."""
        settings = BareSettings(
            bootstrap=self.servers.kafka,
            fetch_max_wait_ms=self.servers.fetch_max_wait_ms,
            mongo_uri=self.servers.mongo,
            **told,
        )
        command = [sys.executable, "-m", f"bench.bare.{module}"]
        command.append(json.dumps(dataclasses.asdict(settings)))
        folder = self.servers.directory / "bare"
        name = f"{module}-{random_name()}"
        output = folder / f"{name}.out"
        return BareRunner(Process(name, command, folder / f"{name}.log", output=output), output)

    def server_pids(self) -> dict[str, list[int]]:
        """The pids of the servers that this run started."""
        servers = {"mongod": self.servers.mongod, "Kafka": self.servers.broker}
        return {name: [server.pid] for name, server in servers.items() if server is not None}


def _dated(topic: Topic) -> Topic:
    return dataclasses.replace(topic, timestamps="broker")


@contextmanager
def open_stage(broker: str) -> Iterator[Stage]:
    """Start servers of our own, whatever else runs here; stop all of it at the end."""
    with (
        running_servers({"KAFKA": broker}) as servers,
        closing(Wire(servers.kafka)) as wire,
        MongoClient[dict[str, Any]](servers.mongo, tz_aware=True) as mongo,
    ):
        yield Stage(servers, broker, wire, mongo)


@contextmanager
def frozen(runners: Sequence[Runner]) -> Iterator[None]:
    """Stop the processes' time while their work is laid out, so that loading costs them nothing.

    Short: a consumer that is silent for six seconds is taken for dead.
    """
    for runner in runners:
        runner.send(signal.SIGSTOP)
    started = time.monotonic()
    try:
        yield
    finally:
        for runner in runners:
            runner.send(signal.SIGCONT)
    if time.monotonic() - started > SILENCE_S:
        raise TimeoutError("loading took so long that the consumers were taken for dead")


SILENCE_S = 5.5
"""A bit less than the session timeout of the consumers (shared/kafka/broker.py)."""
