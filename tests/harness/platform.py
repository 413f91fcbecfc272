"""A platform, or part of it, as processes of its own: started, driven, broken from outside."""

import asyncio
import secrets
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Self

from deploy.clock import Target, write_offset
from deploy.local.environment import PlatformSettings
from deploy.local.keys import KeyMaterial
from deploy.local.ports import free_port
from deploy.local.process import ProcessFailed
from deploy.local.servers import Servers
from deploy.topics import Cluster, create_topics, delete_topics
from shared.contracts.topics import HEARTBEATS, TOPICS, Topic, dead_letters_topic, group_of
from tests.harness.access import Access
from tests.harness.habilitation import Habilitation
from tests.harness.http import ServiceClient
from tests.harness.polling import eventually
from tests.harness.replica import READY_S, STOP_S, Ended, Replica
from tests.harness.topics import ends_of

SERVICES = ("identity", "habilitation", "notifications")
COMMAND_S = 60
"""How long an operator's command may take; assumed."""
AT_REST_S = 20
"""How long what is under way after a test may take; assumed."""
KEPT = ("migrations", "clock")
"""Collections that say what the store is, not what it holds."""
PROFILE = "system.profile"
"""What a test had mongod note; nobody may write there, not even to empty it."""
SCHEDULER = "scheduler"


@dataclass(frozen=True)
class Completed:
    """What an operator's command did."""

    exit_code: int
    stdout: str
    stderr: str


def random_name() -> str:
    """A name that no other test has, for prefixes of topics, groups and databases."""
    return f"t{secrets.token_hex(4)}"


def _topics_of(services: Sequence[str]) -> Iterable[Topic]:
    """The topics that these services have to do with."""
    return (
        topic
        for topic in TOPICS.values()
        if {topic.owner, *topic.producers, *topic.consumers} & {*services}
    )


class Platform(Access):
    """Services on the given servers: `async with Platform(servers, ("identity",)) as platform`.

    Topics, consumer groups and databases carry a random prefix, so that platforms on the same
    servers do not see each other.

    `replicas`: processes per service, 1 by default; `schedulers`: services whose scheduler runs
    too; `environment`: extra variables per service; `modules`: what `python -m` starts instead of
    `services.<name>`, with its first arguments (`{"identity": ("tests.faults.crashing",
    "identity")}`); `topics`: those to create, by default what these services own, write or read.
    """

    def __init__(
        self,
        servers: Servers,
        services: Sequence[str] = SERVICES,
        *,
        replicas: Mapping[str, int] | None = None,
        schedulers: Sequence[str] = (),
        environment: Mapping[str, Mapping[str, str]] | None = None,
        modules: Mapping[str, Sequence[str]] | None = None,
        prefix: str | None = None,
        database_prefix: str | None = None,
        topics: Iterable[Topic] | None = None,
    ) -> None:
        name = random_name()
        super().__init__(
            PlatformSettings(
                servers,
                KeyMaterial.make(services),
                prefix=f"{name}." if prefix is None else prefix,
                database_prefix=f"{name}_" if database_prefix is None else database_prefix,
            )
        )
        self.services = tuple(services)
        self.directory = servers.directory / "platforms" / name
        self._counts = replicas or {}
        self._schedulers = schedulers
        self._extra = environment or {}
        self._modules = modules or {}
        self._topics = tuple(_topics_of(services) if topics is None else topics)
        self._replicas: dict[tuple[str, int | str], Replica] = {}
        self._commands = 0
        self.habilitation = Habilitation(self)
        """Who plays habilitation here: one, since it numbers what it tells."""

    # --- life ---------------------------------------------------------------------------------

    async def start(self) -> None:
        """Create the topics, migrate every database, start every process, wait until ready.

        A process migrates its database itself as it starts; a service without any is migrated.
        """
        self._mark_mails()
        await create_topics(self._cluster, self._topics)
        idle = (service for service in self.services if not self._counts.get(service, 1))
        await asyncio.gather(*map(self._migrate, idle))
        for service in self.services:
            for _ in range(self._counts.get(service, 1)):
                self.new_replica(service).start()
        await asyncio.gather(*(replica.wait_ready() for replica in self._replicas.values()))
        for service in self._schedulers:
            self.scheduler(service).start()

    async def stop(self) -> None:
        """Stop every process, drop the databases, delete the topics of this platform."""
        for replica in self._replicas.values():
            replica.kill()
        for service in self.services:
            if self._mongo_answers:
                self._mongo.drop_database(self.settings.database(service))
        self._mongo.close()
        await self.hang_up()
        if self._cluster.prefix and self._kafka_answers:
            await delete_topics(self._cluster, self._topics)

    async def begin_again(self) -> None:
        """Be as if just started, for the next test: stores empty, topics and mails read from here.

        What is under way is waited for. What a process remembers stays: its clock, what it counts,
        the ids of rows that it published, so an idempotence key of another test must not be used.
        """
        await self.come_to_rest()
        for service in self.services:
            database = self.database(service)
            for name in database.list_collection_names():
                if name == PROFILE:
                    database.drop_collection(name)
                elif name not in KEPT:
                    database[name].delete_many({})
        self._since = await ends_of(
            self.kafka, *(topic.full(self.settings.prefix) for topic in self._topics)
        )
        self._mark_mails()
        self.habilitation = Habilitation(self)

    async def come_to_rest(self) -> None:
        """Wait until nothing is under way in any service."""
        for _ in self.services:  # what one tells another may act on
            await eventually(self._at_rest, AT_REST_S, "nothing is under way")

    async def _at_rest(self) -> bool:
        """Whether all that was decided is told, and all that is in the topics handled."""
        if any(self.database(each)["outbox"].find_one() for each in self.services):
            return False
        lags = (
            self.lag(group_of(service, topic.name), topic.name)
            for service in self.services
            for topic in self._topics
            if service in topic.consumers
            if topic.name not in (HEARTBEATS, dead_letters_topic(service))  # nobody's group
        )
        return not any(await asyncio.gather(*lags))

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    # --- processes ----------------------------------------------------------------------------

    def replica(self, service: str, replica: int = 0) -> Replica:
        """One process of a service."""
        return self._replicas[service, replica]

    def replicas(self) -> list[Replica]:
        """Every process, schedulers included."""
        return list(self._replicas.values())

    def new_replica(self, service: str, module: Sequence[str] | None = None) -> Replica:
        """One more process of a service, not started; `module` replaces what is run."""
        number = sum(1 for name, key in self._replicas if name == service and key != SCHEDULER)
        replica = self._process(service, f"{service}-{number}", "run", module=module)
        self._replicas[service, number] = replica
        return replica

    def scheduler(self, service: str) -> Replica:
        """The scheduler of a service; it has no door, so `start` is all there is to wait for."""
        if (service, SCHEDULER) not in self._replicas:
            name = f"{service}-{SCHEDULER}"
            self._replicas[service, SCHEDULER] = self._process(service, name, "schedule")
        return self._replicas[service, SCHEDULER]

    def kill(self, service: str, replica: int = 0) -> None:
        """SIGKILL one process."""
        self.replica(service, replica).kill()

    async def terminate(self, service: str, replica: int = 0, deadline_s: float = STOP_S) -> Ended:
        """SIGTERM one process; its exit code and how many seconds it took."""
        return await self.replica(service, replica).terminate(deadline_s)

    async def restart(self, service: str, replica: int = 0, deadline_s: float = READY_S) -> None:
        """Start one process again, stopping it first if it runs; wait until it is ready."""
        process = self.replica(service, replica)
        if process.running:
            await process.terminate()
        process.start()
        await process.wait_ready(deadline_s)

    async def run_command(
        self, service: str, *arguments: str, deadline_s: float = COMMAND_S
    ) -> Completed:
        """Run an operator's command of a service (`migrate`, `dead-letters list`…) to its end."""
        self._commands += 1
        name = f"{service}-command-{self._commands}"
        command = self._process(service, name, *arguments)
        command.start()
        exit_code = await command.wait(deadline_s)
        log, output = command.process.log, command.process.output
        return Completed(
            exit_code,
            output.read_text() if output is not None else "",
            log.read_text(),
        )

    def _process(
        self,
        service: str,
        name: str,
        *arguments: str,
        module: Sequence[str] | None = None,
    ) -> Replica:
        port = free_port()
        started = module or self._modules.get(service) or (f"services.{service}",)
        return Replica(
            name,
            [sys.executable, "-m", *started, *arguments],
            self.settings.environment(service, port, self._extra.get(service)),
            self.directory,
            port,
        )

    async def _migrate(self, service: str) -> None:
        done = await self.run_command(service, "migrate")
        if done.exit_code:
            raise ProcessFailed(f"{service} migrate: {done.exit_code}\n{done.stderr}")

    # --- time and doors -----------------------------------------------------------------------

    def set_clock(self, offset: timedelta) -> None:
        """Set how far the platform's clock is ahead of the true one; the services follow."""
        settings = self.settings
        write_offset(
            [
                Target(service, settings.stage, settings.servers.mongo, settings.database(service))
                for service in self.services
            ],
            offset,
        )

    async def http(self, service: str, replica: int = 0) -> ServiceClient:
        """An HTTP client of one process."""
        return await self.client(self.replica(service, replica).url)

    @property
    def _cluster(self) -> Cluster:
        servers = self.settings.servers
        local = servers.broker is not None
        return Cluster(
            bootstrap=servers.kafka,
            prefix=self.settings.prefix,
            control=servers.kafka_control,
            max_replication=1 if local else None,
        )

    @property
    def _kafka_answers(self) -> bool:
        broker = self.settings.servers.broker
        return broker is None or broker.running

    @property
    def _mongo_answers(self) -> bool:
        mongod = self.settings.servers.mongod
        return mongod is None or mongod.running


@contextmanager
def standing(platform: Platform) -> Iterator[Platform]:
    """A platform that several tests share, one after the other: it outlives their loops."""
    try:
        asyncio.run(platform.start())
        yield platform
    finally:
        asyncio.run(platform.stop())
