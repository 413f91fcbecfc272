"""A service under load: what is there beforehand, what it is asked, what must come of each."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, ClassVar

from shared.contracts.envelope import Command
from shared.security.principal import ActorKind, Principal
from tests.harness.platform import Platform

AGENT = Principal(ActorKind.AGENT_CAF, "agent-1")


@dataclass(frozen=True)
class Effect:
    """What a command must do: to which aggregate, told by which facts, which say what."""

    aggregate: str
    facts: tuple[str, ...]
    tells: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class HttpRequest:
    """A PATCH, and what it must do."""

    path: str
    body: Mapping[str, Any]
    effect: Effect


class Subject(ABC):
    """What a service is loaded with; its platform must be running.

    Each change sets a value that no other sets: its effect can be told from any other's.
    """

    SERVICE: ClassVar[str]

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self._numbers = count(100_000)

    @abstractmethod
    async def seed(self, count: int) -> None:
        """Put that many aggregates into the store, and an agent who may change them."""

    @abstractmethod
    def change(self, number: int) -> tuple[Command, Effect]:
        """A command that changes one of them, in turn."""

    @abstractmethod
    def create(self) -> tuple[Command, Effect]:
        """A command that makes one more."""

    @abstractmethod
    def request(self, number: int) -> HttpRequest:
        """A change asked for over HTTP."""

    @abstractmethod
    def bearer(self) -> str:
        """What the agent shows at the HTTP door."""
