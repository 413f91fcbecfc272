"""What a test touches of a platform from outside: topics, HTTP, mails, stored documents."""

from collections.abc import Iterable
from contextlib import AsyncExitStack
from typing import Any

from pymongo import MongoClient
from pymongo.database import Database

from deploy.local.environment import PlatformSettings
from deploy.local.mails import Mail, parse_mail
from deploy.local.process import ProcessFailed
from deploy.local.smtp_sink import SmtpSink
from tests.harness.http import ServiceClient
from tests.harness.topics import (
    Ends,
    Follower,
    Kafka,
    Outgoing,
    Publisher,
    Record,
    lag,
    read_topic,
)


class Access:
    """The outside of a platform; topics and groups are given by their plain names.

    What it opens is closed when the platform stops, or by `hang_up`.
    """

    def __init__(self, settings: PlatformSettings) -> None:
        self.settings = settings
        self._opened = AsyncExitStack()
        self._mongo = MongoClient[dict[str, Any]](
            settings.servers.mongo, tz_aware=True, connect=False
        )
        self._first_mail = 0
        self._since: Ends = {}

    @property
    def kafka(self) -> Kafka:
        """Where Kafka is now (an embedded broker that was killed comes back elsewhere)."""
        servers = self.settings.servers
        return Kafka(servers.kafka, servers.fetch_max_wait_ms)

    def topic(self, name: str) -> str:
        """The topic's full name on this Kafka."""
        return f"{self.settings.prefix}{name}"

    async def publisher(self) -> Publisher:
        """A producer of raw records, which takes full topic names."""
        return await self._opened.enter_async_context(Publisher(self.kafka))

    async def publish(self, records: Iterable[Outgoing]) -> list[tuple[int, int]]:
        """Publish raw records to full topic names; partition and offset of each."""
        async with Publisher(self.kafka) as publisher:
            return await publisher.publish_all(records)

    async def follow(self, *names: str) -> Follower:
        """Follow topics from their beginning, or from where the platform began again."""
        follower = Follower(self.kafka, *map(self.topic, names), since=self._since)
        return await self._opened.enter_async_context(follower)

    async def read(self, name: str) -> list[Record]:
        """Every record that the topic holds now, since the platform began again."""
        return await read_topic(self.kafka, self.topic(name), self._since)

    async def lag(self, group: str, name: str) -> int:
        """What the consumer group has not committed yet of the topic."""
        return await lag(self.kafka, self.topic(group), self.topic(name))

    async def client(self, base_url: str) -> ServiceClient:
        """An HTTP client of one service process."""
        return await self._opened.enter_async_context(ServiceClient(base_url))

    def database(self, service: str) -> Database[dict[str, Any]]:
        """The database of a service, to look at (and to break) what it stores."""
        return self._mongo[self.settings.database(service)]

    def mails(self) -> list[Mail]:
        """The mails that arrived since this platform started, in order."""
        return [parse_mail(kept) for kept in self.sink.mails(self._first_mail)]

    @property
    def sink(self) -> SmtpSink:
        """The mail sink, to make it misbehave."""
        if self.settings.servers.sink is None:
            raise ProcessFailed("SMTP_URL names a server that cannot be asked for its mails")
        return self.settings.servers.sink

    async def hang_up(self) -> None:
        """Close what a test opened: it belongs to the loop of that test."""
        await self._opened.aclose()

    def _mark_mails(self) -> None:
        if self.settings.servers.sink is not None:
            self._first_mail = self.settings.servers.sink.count()
