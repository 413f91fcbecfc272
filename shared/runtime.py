"""One process of a service: what it is wired of, how it starts, waits, and stops."""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Coroutine, Iterator, Sequence
from typing import Any

import structlog
import uvicorn
from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker

from shared.backoff import backoff_s
from shared.clock import Clock
from shared.contracts.envelope import Message
from shared.contracts.topics import HEARTBEATS, commands_topic, group_of, retry_topic
from shared.errors import Unavailable
from shared.health import Health
from shared.heartbeat import Heartbeat
from shared.http.app import make_app
from shared.http.door import HttpDoor
from shared.ids import draw_id
from shared.kafka import broker as kafka
from shared.kafka.door import AnyDoor, Door, DoorInTurn, Entrance, ProjectionDoor, RetryDoor
from shared.kafka.drain import Drain
from shared.kafka.intakes import CommandIntake, ProjectionIntake, ReactionIntake, table_of
from shared.kafka.limit import DeadLetterLimit
from shared.kafka.producer import Producer
from shared.kafka.staleness import Staleness
from shared.mongo import clock_document, projection
from shared.mongo.client import Store, StoreError
from shared.mongo.faults import MongoFaults
from shared.mongo.migrate import migrate
from shared.mongo.projection import Projection
from shared.mongo.unit_of_work import UnitOfWork
from shared.observability.tracing import kafka_middlewares
from shared.path.committer import Committer
from shared.path.decision import M, P, Request, UseCase
from shared.path.group import House
from shared.path.preparation import prepare
from shared.path.work import Ask, Outcome, Park
from shared.security.macs import Macs
from shared.security.principal import Principal
from shared.security.tokens import TokenVerifier
from shared.service import Service

log = structlog.get_logger(__name__)

FLUSH_S = 3.0
"""How long a stop waits for what is being committed and published (a clean stop takes 20 s)."""


class Runtime:
    """Everything one process of a service holds."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.settings = settings = service.settings
        self.clock = Clock.shifted(settings.clock_offset_s)
        self.process_id = f"{service.name}-{draw_id()[:12]}"
        self.macs = Macs(settings.hmac_key.get_secret_value())
        self.store = Store(
            settings.mongo_uri.get_secret_value(), settings.mongo_database, service=service.name
        )
        house = House(service.name, settings.release, service.refused)
        self.reader = UnitOfWork(self.store, house, settings.group_deadline_s)
        self.faults = MongoFaults()
        self.producer = Producer(
            settings.servers, client_id=self.process_id, topic_prefix=settings.topic_prefix
        )
        self.drain = Drain(self.store, self.producer)
        self.committer = Committer(self.reader, self.drain, self.faults)
        self.limit = DeadLetterLimit(settings.dead_letter_limit, self._stop_consuming)
        self.health = Health(self.store, lambda: self.limit, topic_prefix=settings.topic_prefix)
        self.staleness = {each.topic: Staleness(each.owner) for each in service.projections}
        self.http_door = HttpDoor(
            committer=self.committer,
            reader=self.reader,
            faults=self.faults,
            clock=self.clock,
            macs=self.macs,
            queued=lambda: self.drain.size,
        )
        self.broker = self._make_broker()
        self._tasks: set[asyncio.Task[None]] = set()
        self._background: set[asyncio.Task[None]] = set()
        self._failed = asyncio.Event()
        self._stop_asked = asyncio.Event()

    async def decide(
        self,
        use_case: UseCase[M, P],
        message: M,
        *,
        principal: Principal,
        message_id: str,
    ) -> Outcome:
        """Have an internal command decided, through the same inbox and the same commit."""
        work = self._internal(use_case, message, principal, message_id)
        prepared = await prepare(work, self.reader, self.faults)
        return await self.committer.submit(prepared).committed

    async def decide_alone(
        self, use_case: UseCase[M, P], message: M, *, principal: Principal, message_id: str
    ) -> Outcome:
        """Have an operator's command decided by a process that does nothing else.

        What it tells stays in the outbox for the running processes to publish.
        """
        work = await prepare(
            self._internal(use_case, message, principal, message_id), self.reader, self.faults
        )
        outcome = (await self.reader.attempt([work])).outcomes[0]
        if not outcome.is_final:  # another process was faster: the operator asks again
            raise Unavailable
        return outcome

    def _internal(
        self, use_case: UseCase[M, P], message: M, principal: Principal, message_id: str
    ) -> Ask:
        return Ask(
            inbox_id=message_id,
            use_case=use_case,
            request=Request(message, principal, self.clock.now(), message_id, message_id, None),
            type=use_case.message.__name__,
            key=message_id,
        )

    # -- wiring -----------------------------------------------------------------------------

    def _make_broker(self) -> KafkaBroker:
        """The broker with one batch subscriber per topic, each with its table of contents."""
        settings, service = self.settings, self.service
        broker = kafka.make_broker(
            settings.servers,
            service=self.process_id,
            middlewares=kafka_middlewares(service.name, settings.otlp_endpoint),
        )
        entrance = Entrance(self.committer, self.reader, self.faults, self.limit)
        doors = self._doors(entrance)
        self._subscribers: dict[str, Any] = {}
        for topic, handler in {
            **doors,
            retry_topic(service.name): RetryDoor(doors, self._lost(entrance)),
        }.items():
            self._subscribers[topic] = kafka.subscribe(
                broker,
                settings.topic_prefix + topic,
                handler,
                group=settings.topic_prefix + group_of(service.name, topic),
                fetch_max_wait_ms=settings.kafka_fetch_max_wait_ms,
            )
        self.heartbeat = Heartbeat(self.producer, self.process_id, service, self.health, self.clock)
        kafka.listen(
            broker,
            settings.topic_prefix + HEARTBEATS,
            lambda records: self.heartbeat.listen(records, self.staleness.values()),
            fetch_max_wait_ms=500,
        )
        return broker

    def _doors(self, entrance: Entrance) -> dict[str, AnyDoor]:
        service = self.service
        common: dict[str, Any] = {"service": service.name, "clock": self.clock, "macs": self.macs}
        commands = CommandIntake(
            topic=commands_topic(service.name),
            table=table_of(service.commands),
            verifier=TokenVerifier(self.settings.jwks),
            **common,
        )
        self._commands = commands
        reactions = {
            topic: Door(ReactionIntake(topic=topic, table=table_of(use_cases), **common), entrance)
            for topic, use_cases in service.reactions.items()
        }
        doors: dict[str, AnyDoor] = {commands.topic: Door(commands, entrance), **reactions}
        for each in service.projections:
            intake = ProjectionIntake(topic=each.topic, table=each.table, **common)
            copy = ProjectionDoor(intake, entrance, self._applying(each), self.faults)
            reacts = reactions.get(each.topic)
            doors[each.topic] = copy if reacts is None else DoorInTurn(copy, reacts)
        return doors

    def _applying(self, each: Projection) -> Any:
        async def apply(facts: Sequence[tuple[Message, int]]) -> None:
            await projection.apply(each, self.store.collection(each.collection), facts)

        return apply

    def _lost(self, entrance: Entrance) -> Any:
        async def lost(record: kafka.Record) -> None:
            await entrance.pass_through(
                [Park(self._commands.origin_of(record), "replay_without_origin")]
            )

        return lost

    # -- life -------------------------------------------------------------------------------

    async def run(self) -> int:
        """Run until SIGTERM or SIGINT; returns the exit status (1 when a part of it died)."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop_asked.set)
        server = _Server(
            uvicorn.Config(
                make_app(self),
                host=self.settings.http_host,
                port=self.settings.http_port,
                log_config=None,
                access_log=False,
                lifespan="off",
                proxy_headers=False,  # who a request is from is its service's to judge
                timeout_graceful_shutdown=5,
            )
        )
        http = self._keep(server.serve(), "http")
        self._keep(self.health.watch(self._consumers, self.staleness), "health")
        opening = self._keep(self._open(), "start", ends=True)
        await _first(self._stop_asked, self._failed)
        opening.cancel()
        await self._close(server, http)
        return 1 if self._failed.is_set() else 0

    async def _open(self) -> None:
        """Start what needs the store, then Kafka; while one of them is away, wait."""
        await self._open_store()
        self._keep(self._follow_clock(), "clock")
        self._keep(self.committer.run(), "committer")
        self._keep(self.drain.run(), "drain")
        self._keep(self.drain.sweep(), "sweeper")
        await self._open_broker()
        self._keep(self.heartbeat.run(), "heartbeat")
        for background in self.service.background:
            self._background.add(self._keep(_coroutine(background(self)), "background"))
        self.health.has_started()
        log.info("started", process=self.process_id)

    async def _open_store(self) -> None:
        failures = 0
        while True:
            try:
                await self.store.ping()
                await migrate(self.store, self.service.migrations)
                return
            except StoreError as error:
                failures += 1
                log.warning("waiting_for_store", error=type(error).__name__, attempt=failures)
                await asyncio.sleep(min(2.0, backoff_s(failures)))

    async def _open_broker(self) -> None:
        failures = 0
        while True:
            try:
                await self.broker.start()
                return
            except (KafkaError, OSError) as error:
                failures += 1
                log.warning("waiting_for_broker", error=type(error).__name__, attempt=failures)
                await self.broker.stop()
                await asyncio.sleep(min(2.0, backoff_s(failures)))

    async def _follow_clock(self) -> None:
        if self.settings.environment != "production":
            await self.clock.follow(lambda: clock_document.read(self.store))
        else:
            await asyncio.Event().wait()

    def _consumers(self) -> dict[str, Any]:
        return {
            topic: subscriber.consumer
            for topic, subscriber in self._subscribers.items()
            if subscriber.consumer is not None and subscriber.consumer.has_started
        }

    def _stop_consuming(self) -> None:
        """The dead-letter limit is reached: take nothing more until an operator restarts."""
        for subscriber in self._subscribers.values():
            self._keep(subscriber.stop(), "stop_consuming", ends=True)

    async def _close(self, server: uvicorn.Server, http: asyncio.Task[None]) -> None:
        """Doors and background work first, then what is in hand, then the connections.

        Background work ends while the committer still runs: what it has in hand gets recorded.
        """
        self.health.stopping = True
        self._stop_asked.set()
        log.info("stopping", process=self.process_id)
        server.should_exit = True
        for task in self._background:
            task.cancel()
        background = asyncio.gather(*self._background, return_exceptions=True)
        doors = asyncio.gather(self.broker.stop(), asyncio.wait({http}), background)
        await _bounded(doors, kafka.GRACE_S + 2)
        await _bounded(self._in_hand(), FLUSH_S)
        for task in list(self._tasks):
            task.cancel()
        await _bounded(asyncio.gather(*self._tasks, return_exceptions=True), 2.0)
        await _bounded(self.producer.stop(), FLUSH_S)
        self.store.close()
        log.info("stopped", process=self.process_id)

    async def _in_hand(self) -> None:
        while self.committer.busy or self.drain.busy:  # noqa: ASYNC110 - a bounded look at a stop
            await asyncio.sleep(0.02)

    def _keep(
        self, work: Coroutine[Any, Any, Any], name: str, *, ends: bool = False
    ) -> asyncio.Task[None]:
        """Run a part of the process; if it dies, the process stops: someone will start it anew."""
        task: asyncio.Task[None] = asyncio.create_task(work, name=name)
        self._tasks.add(task)

        def ended(task: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            if task.cancelled() or (ends and task.exception() is None):
                return
            if self._stop_asked.is_set() and task.exception() is None:
                return
            log.critical("part_died", part=name, exc_info=task.exception())
            self._failed.set()

        task.add_done_callback(ended)
        return task


class _Server(uvicorn.Server):
    """The HTTP server, without signal handlers of its own."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the runtime."""
        yield


async def _coroutine(work: Awaitable[None]) -> None:
    await work


async def _first(*events: asyncio.Event) -> None:
    waits = [asyncio.create_task(event.wait()) for event in events]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()


async def _bounded(work: Any, seconds: float) -> None:
    """Wait for a part of a stop, not for ever; what it leaves undone is done again elsewhere."""
    try:
        async with asyncio.timeout(seconds):
            await work
    except TimeoutError:
        log.warning("stop_bounded", seconds=seconds)
    except Exception as error:
        log.exception("stop_failed", error=type(error).__name__)
