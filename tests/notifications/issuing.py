"""The facts of identity that notifications writes about, as a test publishes them from outside."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from deploy.local.keys import public
from shared.contracts.envelope import Fact, Message
from shared.ids import draw_id
from shared.path.rows import cloud_event, moment
from tests.harness.platform import Platform
from tests.harness.topics import Outgoing, Record
from tests.notifications.builders import identifiant_issued, password_issued

DAY = timedelta(hours=24)


def sealing_key(platform: Platform) -> str:
    """The public key that identity seals for."""
    return json.dumps(public(platform.settings.keys.sealing[0]))


def record(platform: Platform, message: Message, sequence: int = 1, **headers: str) -> Outgoing:
    """A message as its sender would publish it."""
    id = draw_id()
    all_headers = cloud_event(
        id=id,
        type=message.TYPE,
        source="/mcp/identity",
        subject=message.key,
        at=moment(datetime.now(UTC)),
        correlation_id=id,
        cause=None,
    ) | {"ce_sequence": str(sequence), **headers}
    return Outgoing(
        platform.topic(message.TOPIC),
        message.key.encode(),
        tuple((name, value.encode()) for name, value in all_headers.items()),
        message.to_json(),
    )


def told(fact: type[Fact], user_id: str = "") -> Callable[[Record], bool]:
    """Whether a record is that fact, about that person or anybody."""

    def matches(record: Record) -> bool:
        of_type = record.header("ce_type") == fact.TYPE
        return of_type and (not user_id or record.json()["user_id"] == user_id)

    return matches


def in_a_day() -> datetime:
    """When a secret that is issued now expires."""
    return datetime.now(UTC) + DAY


def issued(platform: Platform, user_id: str) -> list[Outgoing]:
    """The two facts of a new account."""
    key, expires_at = sealing_key(platform), in_a_day()
    return [
        record(platform, identifiant_issued(user_id, expires_at=expires_at, key=key), 1),
        record(platform, password_issued(user_id, expires_at=expires_at, key=key), 2),
    ]
