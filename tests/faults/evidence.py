"""What the ledger is made from: what was asked, what the topics hold, what the store holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.contracts.topics import (
    CONVENTIONS,
    CREDENTIALS,
    ROLE_ASSIGNMENTS,
    USER_LIFECYCLE,
    commands_topic,
    dead_letters_topic,
    group_of,
    refusals_topic,
    retry_topic,
)
from tests.harness.platform import Platform
from tests.harness.topics import Record

FACTS = {
    "identity": (USER_LIFECYCLE, CREDENTIALS),
    "habilitation": (CONVENTIONS, ROLE_ASSIGNMENTS),
}
"""Where a service tells the facts of its aggregates; one may speak on several topics."""
COLLECTIONS = {"identity": ("comptes",), "habilitation": ("conventions", "groupes", "membres")}
"""Where a service keeps its aggregates."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A command that was accepted: the broker acknowledged it, or HTTP answered.

    `cause` is what its events name as their cause, `inbox_id` the row that remembers it, `facts`
    the types of the events that it must have, in order, and `tells` what they must say.
    `outcome`: done, refused (then `code` is the refusal's) or dead (then `code` is the reason).
    """

    cause: str
    inbox_id: str
    aggregate: str = ""
    facts: tuple[str, ...] = ()
    tells: Mapping[str, Any] = field(default_factory=dict)
    outcome: str = "done"
    code: str | None = None


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All that the ledger looks at; records are in the order of their partitions.

    `documents`: aggregate (collection/id) → stored document; `inbox`: id → status; `pending`:
    aggregates of rows still in the outbox; `lags`: consumer group → records not committed.
    """

    asked: Sequence[Asked]
    facts: Sequence[Record]
    refusals: Sequence[Record] = ()
    dead_letters: Sequence[Record] = ()
    documents: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    inbox: Mapping[str, str] = field(default_factory=dict)
    pending: Sequence[str] = ()
    lags: Mapping[str, int] = field(default_factory=dict)


async def gather(
    platform: Platform,
    asked: Sequence[Asked],
    *,
    service: str = "identity",
) -> Evidence:
    """Read every topic of a service from offset 0 and dump its store."""
    database = platform.database(service)
    return Evidence(
        asked=asked,
        facts=[record for name in FACTS[service] for record in await _plain(platform, name)],
        refusals=await _plain(platform, refusals_topic(service)),
        dead_letters=await _plain(platform, dead_letters_topic(service)),
        documents={
            f"{name}/{row['_id']}": row
            for name in COLLECTIONS[service]
            for row in database[name].find()
        },
        inbox={row["_id"]: row["status"] for row in database["inbox"].find({}, {"status": 1})},
        pending=[row["aggregate"] for row in database["outbox"].find({}, {"aggregate": 1})],
        lags=await lags_of(platform, service),
    )


def aggregate_of(record: Record) -> str:
    """Whose event a record is: collection and id, as in the store."""
    key = (record.key or b"").decode()
    if record.topic == CONVENTIONS:
        return f"conventions/{key}"
    if record.topic != ROLE_ASSIGNMENTS:
        return f"comptes/{key}"
    said = record.json()
    return (
        f"membres/{said['user_id']}" if "appartenances" in said else f"groupes/{said['groupe_id']}"
    )


async def lags_of(platform: Platform, service: str = "identity") -> dict[str, int]:
    """What the consumer groups of a service have not committed yet."""
    read = (commands_topic(service), retry_topic(service))
    return {
        group_of(service, topic): await platform.lag(group_of(service, topic), topic)
        for topic in read
    }


async def _plain(platform: Platform, name: str) -> list[Record]:
    """The records of a topic, under its plain name."""
    return [
        Record(name, r.partition, r.offset, r.timestamp_ms, r.key, r.headers, r.value)
        for r in await platform.read(name)
    ]
