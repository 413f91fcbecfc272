"""A whole service of one noun, to try the path on: counters.

It is asked to add to a counter (refused below zero), tells where the counter is (one fact, or two
when it passes a hundred), keeps a projection of its own facts, tells its state again on request,
and resets by its schedule the counters that asked for it.

In a process of its own, by the harness:

    Platform(servers, ("tiny",), modules=MODULES, topics=TOPICS)

In the test's own process: `build(tiny_settings(servers, prefix, database))`, or `beside(platform)`;
a test that wants one part otherwise uses `dataclasses.replace`. `commands_of` makes records as a
partner system would.
"""

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from pydantic import AwareDatetime, SecretStr
from pydantic_settings import SettingsConfigDict

from deploy.local.keys import KeyMaterial
from deploy.local.servers import Servers
from shared.cli import main
from shared.contracts.envelope import Command, Fact, Id, Message, Refused, Snapshot, message_type
from shared.contracts.topics import (
    DAY_MS,
    DEAD_LETTER_BYTES,
    HEARTBEATS,
    Topic,
    commands_topic,
    dead_letters_topic,
    group_of,
    refusals_topic,
    retry_topic,
)
from shared.contracts.topics import TOPICS as REGISTERED
from shared.errors import Refusal
from shared.mongo.client import Store
from shared.mongo.documents import to_document
from shared.mongo.migrate import Migration, create_collections
from shared.mongo.projection import Projection
from shared.path.decision import Decision, Document, Key, Request, State, Told, UseCase
from shared.path.rows import cloud_event, moment
from shared.security.principal import ActorKind, Principal
from shared.security.tokens import TokenIssuer
from shared.service import Due, Service
from shared.settings import ServiceSettings
from tests.harness.platform import Platform
from tests.harness.topics import Outgoing

SERVICE = "tiny"
COMMANDS = commands_topic(SERVICE)
COUNTERS = "mcp.tiny-counters"
MODULES = {SERVICE: ("tests.shared.tiny",)}
"""What the harness starts for this service."""
HUNDRED = 100


def _topic(name: str, **more: Any) -> Topic:
    return Topic(
        name=name,
        carries="a test",
        owner=SERVICE,
        producers=(SERVICE,),
        consumers=(SERVICE,),
        key="counter id",
        retention_ms=DAY_MS,
        partitions=3,
        **more,
    )


TOPICS = (
    _topic(COMMANDS, timestamps="broker"),
    _topic(COUNTERS),
    _topic(refusals_topic(SERVICE)),
    _topic(retry_topic(SERVICE)),
    _topic(dead_letters_topic(SERVICE), max_message_bytes=DEAD_LETTER_BYTES),
    REGISTERED[HEARTBEATS],
)
"""The topics of this service: not in the registry, the test creates them."""


def group(topic: str) -> str:
    """The consumer group of the running service on a topic, without prefix."""
    return group_of(SERVICE, topic)


# -- contracts --------------------------------------------------------------------------------


class AddToCounter(Command):
    """Add to a counter, made at the first time; `reset_at` asks for zero at that date."""

    TYPE = message_type(SERVICE, "add_to_counter")
    TOPIC = COMMANDS
    KEY = "counter_id"

    counter_id: Id
    amount: int
    reset_at: AwareDatetime | None = None


class ResetCounter(Command):
    """Set a counter to zero; asked by the schedule."""

    TYPE = message_type(SERVICE, "reset_counter")
    TOPIC = COMMANDS
    KEY = "counter_id"

    counter_id: Id


class CounterMoved(Fact):
    """A counter stands somewhere else."""

    TYPE = message_type(SERVICE, "counter_moved")
    TOPIC = COUNTERS
    KEY = "counter_id"

    counter_id: Id
    total: int


class CounterPassed(Fact):
    """A counter passed a hundred, the second fact of one decision; tells nothing of its total."""

    TYPE = message_type(SERVICE, "counter_passed")
    TOPIC = COUNTERS
    KEY = "counter_id"

    counter_id: Id
    hundreds: int


class CounterSnapshot(Snapshot):
    """Where a counter stands, told again."""

    TYPE = message_type(SERVICE, "counter_snapshot")
    TOPIC = COUNTERS
    KEY = "counter_id"

    counter_id: Id
    total: int
    hundreds: int


class CommandRefused(Refused):
    """A command that the service refused."""

    TYPE = message_type(SERVICE, "command_refused")
    TOPIC = refusals_topic(SERVICE)


# -- domain and handlers ----------------------------------------------------------------------


class Counter(Document):
    """A counter, never below zero."""

    COLLECTION: ClassVar[str] = "counters"

    total: int = 0
    hundreds: int = 0
    reset_at: datetime | None = None


class TotalNegative(Refusal):
    """A counter cannot go below zero."""

    code: ClassVar[str] = "total_negatif"
    sentence: ClassVar[str] = "Ce compteur ne peut pas descendre sous zéro."
    field: ClassVar[str | None] = "amount"


def _key(request: Request[Any, Any]) -> Iterable[Key[Any]]:
    return [Counter.key_of(request.message.counter_id)]


def _add(request: Request[AddToCounter, None], state: State) -> Decision:
    message = request.message
    before = state.get(Counter.key_of(message.counter_id)) or Counter(id=message.counter_id)
    total = before.total + message.amount
    if total < 0:
        raise TotalNegative
    after = before.changed(
        total=total,
        hundreds=max(before.hundreds, total // HUNDRED),
        reset_at=message.reset_at or before.reset_at,
    )
    facts = [Told(after, CounterMoved(counter_id=after.id, total=total))]
    if after.hundreds > before.hundreds:
        facts.append(Told(after, CounterPassed(counter_id=after.id, hundreds=after.hundreds)))
    return Decision((after,), tuple(facts), {"counter_id": after.id})


def _reset(request: Request[ResetCounter, None], state: State) -> Decision:
    before = state.get(Counter.key_of(request.message.counter_id))
    if before is None or before.reset_at is None:
        return Decision()
    after = before.changed(total=0, reset_at=None)
    return Decision((after,), (Told(after, CounterMoved(counter_id=after.id, total=0)),))


ADD = UseCase[AddToCounter, None](message=AddToCounter, keys=_key, decide=_add)
RESET = UseCase[ResetCounter, None](message=ResetCounter, keys=_key, decide=_reset)


# -- projection, snapshots, schedule ----------------------------------------------------------


def _seen(fact: CounterMoved | CounterPassed | CounterSnapshot) -> tuple[str, Mapping[str, Any]]:
    """Each fact tells some fields only: what it leaves out must have been told before."""
    return fact.counter_id, fact.model_dump(exclude={"counter_id"})


SEEN = Projection(
    collection="counters_seen",
    topic=COUNTERS,
    owner=SERVICE,
    facts=(CounterMoved, CounterPassed, CounterSnapshot),
    document=_seen,
)


async def _snapshots(store: Store, _: datetime) -> AsyncIterator[tuple[Document, Snapshot]]:
    async for row in store.collection(Counter.COLLECTION).find({}):
        counter = to_document(row, Counter)
        yield (
            counter,
            CounterSnapshot(counter_id=counter.id, total=counter.total, hundreds=counter.hundreds),
        )


async def _due(store: Store, now: datetime) -> AsyncIterator[Due]:
    async for row in store.collection(Counter.COLLECTION).find({"reset_at": {"$lte": now}}):
        yield Due("reset", row["_id"], row["reset_at"], ResetCounter(counter_id=row["_id"]))


async def _collections(store: Store) -> None:
    await create_collections(store, Counter.COLLECTION, SEEN.collection)
    await store.collection(SEEN.collection).create_index("total")


# -- wiring -----------------------------------------------------------------------------------


class TinySettings(ServiceSettings):
    """Settings of the tiny service: nothing of its own."""

    model_config = SettingsConfigDict(env_prefix="TINY_")


def build(settings: TinySettings) -> Service:
    """The service, wired."""
    return Service(
        name=SERVICE,
        settings=settings,
        refused=CommandRefused,
        commands=(ADD, RESET),
        tells=(CounterMoved, CounterPassed, CounterSnapshot),
        migrations=(Migration(1, "counters", _collections),),
        projections=(SEEN,),
        snapshots=_snapshots,
        due=_due,
    )


KEYS = KeyMaterial.make((SERVICE,))
"""Keys for services built in the test's own process."""


def tiny_settings(
    servers: Servers, prefix: str, database: str, keys: KeyMaterial = KEYS
) -> TinySettings:
    """Settings for a service in the test's own process."""
    variables = keys.environment(SERVICE)
    return TinySettings(
        environment="test",
        kafka_bootstrap=servers.kafka,
        kafka_fetch_max_wait_ms=servers.fetch_max_wait_ms,
        topic_prefix=prefix,
        mongo_uri=SecretStr(servers.mongo),
        mongo_database=database,
        http_port=0,
        jwks=variables["TINY_JWKS"],
        hmac_key=SecretStr(variables["TINY_HMAC_KEY"]),
    )


def beside(platform: Platform) -> Service:
    """The running service of a platform, for operators' commands in the test's own process."""
    settings = platform.settings
    return build(
        tiny_settings(settings.servers, settings.prefix, settings.database(SERVICE), settings.keys)
    )


# -- records ----------------------------------------------------------------------------------

AGENT = Principal(ActorKind.AGENT_CAF, "agent-1")


def envelope(message: Message, id: str, **more: str) -> tuple[tuple[str, bytes], ...]:
    """The headers of a message, as any producer writes them; `more` are added or replace."""
    headers = cloud_event(
        id=id,
        type=message.TYPE,
        source="/mcp/test",
        subject=message.key,
        at=moment(datetime.now(UTC)),
        correlation_id=id,
        cause=None,
    )
    return tuple((name, value.encode()) for name, value in {**headers, **more}.items())


def commands_of(
    keys: KeyMaterial, topic: str, commands: Mapping[str, Command], principal: Principal = AGENT
) -> list[Outgoing]:
    """Records of commands, by message id, with a token of identity's; `topic` is the full name."""
    token = TokenIssuer(json.dumps(keys.signing)).issue(
        principal, audience=COMMANDS, now=datetime.now(UTC)
    )
    return [
        Outgoing(
            topic,
            command.key.encode(),
            envelope(command, id, authorization=f"Bearer {token}"),
            command.to_json(),
        )
        for id, command in commands.items()
    ]


def fact_of(topic: str, fact: Fact, id: str, sequence: int) -> Outgoing:
    """The record of a fact, as its owner publishes it; `topic` is the full name."""
    return Outgoing(
        topic, fact.key.encode(), envelope(fact, id, ce_sequence=f"{sequence:010}"), fact.to_json()
    )


if __name__ == "__main__":
    main(build, TinySettings)
