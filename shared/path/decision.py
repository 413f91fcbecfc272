"""What a handler is made of: keys to load, slow preparation, a pure decision."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Generic, NamedTuple, Protocol, Self, TypeVar, cast

from pydantic import BaseModel, ConfigDict

from shared.contracts.envelope import Fact
from shared.security.principal import Principal

D = TypeVar("D", bound="Document")
M = TypeVar("M")
P = TypeVar("P")


class Document(BaseModel):
    """One document of a store: an aggregate, or the reservation of a natural key.

    `version` moves at every write, so that two who relied on a document meet; `seq` numbers the
    events and guards projections. Both are the runtime's: a decision never sets them.
    `FOREIGN` marks the projection of another service's facts: reading it moves nothing.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    COLLECTION: ClassVar[str]
    FOREIGN: ClassVar[bool] = False

    id: str
    version: int = 0
    seq: int = 0

    @classmethod
    def key_of(cls, id: str) -> "Key[Self]":
        """The key by which a handler asks for this document."""
        return Key(cls, id)

    @property
    def key(self) -> "Key[Document]":
        """Its own key."""
        return Key(type(self), self.id)

    def changed(self, **changes: object) -> Self:
        """The same document with other values."""
        return self.model_copy(update=changes)


class Key(NamedTuple, Generic[D]):
    """Where a document is: its model (hence its collection) and its id."""

    model: type[D]
    id: str

    @property
    def aggregate(self) -> str:
        """The name that rows of the outbox carry: collection/id."""
        return f"{self.model.COLLECTION}/{self.id}"


class State:
    """The documents of a group, as the decisions made so far leave them."""

    def __init__(self, documents: Mapping[Key[Any], Document | None]) -> None:
        self._documents = dict(documents)

    def get(self, key: Key[D]) -> D | None:
        """A declared document, or None where there is none; an undeclared key is a bug."""
        return cast("D | None", self._documents[key])

    def __contains__(self, key: Key[Any]) -> bool:
        return key in self._documents

    def put(self, document: Document) -> None:
        """Let later decisions of the group see this document."""
        self._documents[document.key] = document

    def loaded(self) -> Iterable[Document]:
        """The documents that exist."""
        return (document for document in self._documents.values() if document is not None)

    def add(self, documents: Mapping[Key[Any], Document | None]) -> None:
        """Take what a further load brought."""
        self._documents.update(documents)


@dataclass(frozen=True, slots=True)
class Request(Generic[M, P]):
    """One message as a handler sees it: what is asked, by whom, when, and what was prepared."""

    message: M
    principal: Principal
    now: datetime
    id: str
    correlation_id: str
    prepared: P


class Told(NamedTuple):
    """A fact, and the document whose event it is; that document must be written too."""

    by: Document
    fact: Fact


@dataclass(frozen=True, slots=True)
class Decision:
    """What a decision changes and tells; `result` are ids for whoever waits for an answer."""

    writes: tuple[Document, ...] = ()
    facts: tuple[Told, ...] = ()
    result: Mapping[str, str] = field(default_factory=dict)


class Reader(Protocol):
    """Read-only access for slow preparations, outside any transaction: what it saw may be old."""

    async def load(self, key: Key[D]) -> D | None:
        """One document by key, as last committed."""

    async def find(self, model: type[D], field: str, value: str) -> list[D]:
        """The documents whose indexed field has that value, as last committed."""


@dataclass(frozen=True, kw_only=True)
class UseCase(Generic[M, P]):
    """One use case: three short parts.

    `prepare` runs before any transaction and may be slow (hash, seal: in threads); a Refusal
    raised there is a refusal like another. `is_slow` tells, from the message alone, which ones
    need it: the others come to their decision with nothing prepared (None), and sooner.
    `keys` names the documents; `more_keys` names further ones, known only from the loaded ones.
    `decide` is pure: `(request, state) -> Decision`, or raises a Refusal; `Outdated` where what was
    prepared is older than what was loaded.
    """

    message: type[M]
    keys: Callable[[Request[M, P]], Iterable[Key[Any]]]
    decide: Callable[[Request[M, P], State], Decision]
    prepare: Callable[[Request[M, None], Reader], Awaitable[P]] | None = None
    is_slow: Callable[[M], bool] = lambda _: True
    more_keys: Callable[[Request[M, P], State], Iterable[Key[Any]]] | None = None
