"""What a service is made of: a table of contents for the runtime, the commands and the tests."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from fastapi import APIRouter

from shared.contracts.envelope import Command, Fact, Refused, Snapshot
from shared.contracts.topics import (
    HEARTBEATS,
    commands_topic,
    dead_letters_topic,
    retry_topic,
)
from shared.mongo.client import Store
from shared.mongo.migrate import Migration
from shared.mongo.projection import Projection
from shared.path.decision import Document, UseCase
from shared.settings import ServiceSettings

if TYPE_CHECKING:
    from shared.runtime import Runtime


class Due(NamedTuple):
    """A scheduled command: its id depends on the rule, the subject and the due date only."""

    rule: str
    subject: str
    due_at: datetime
    command: Command


@dataclass(frozen=True, kw_only=True)
class Service:
    """One service, wired: what it listens to, what it decides, what it keeps, what it shows.

    `tells` are the facts that its decisions may emit; `background` runs as long as the process;
    `snapshots` gives the state of every aggregate at a moment, `due` what is due at one.
    """

    name: str
    settings: ServiceSettings
    refused: type[Refused]
    commands: Sequence[UseCase[Any, Any]]
    tells: Sequence[type[Fact]]
    migrations: Sequence[Migration]
    reactions: Mapping[str, Sequence[UseCase[Any, Any]]] = field(default_factory=dict)
    projections: Sequence[Projection] = ()
    routes: "Callable[[Runtime], APIRouter] | None" = None
    background: "Sequence[Callable[[Runtime], Awaitable[None]]]" = ()
    snapshots: Callable[[Store, datetime], AsyncIterator[tuple[Document, Snapshot]]] | None = None
    due: Callable[[Store, datetime], AsyncIterator[Due]] | None = None

    def __post_init__(self) -> None:
        """One subscriber per topic: a second copy of one would silently take its place."""
        copied = [each.topic for each in self.projections]
        own = {commands_topic(self.name), retry_topic(self.name)}
        if len(copied) != len(set(copied)) or own & {*copied, *self.reactions}:
            raise TypeError("a topic is read twice")

    @property
    def subscriptions(self) -> set[str]:
        """The topics that this service reads."""
        return {
            commands_topic(self.name),
            retry_topic(self.name),
            HEARTBEATS,
            *self.reactions,
            *(projection.topic for projection in self.projections),
        }

    @property
    def publications(self) -> set[str]:
        """The topics that this service writes to."""
        scheduled = {commands_topic(self.name)} if self.due else set()
        return {
            *(fact.TOPIC for fact in self.tells),
            self.refused.TOPIC,
            dead_letters_topic(self.name),
            retry_topic(self.name),
            HEARTBEATS,
            *scheduled,
        }
