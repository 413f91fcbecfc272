"""Messages as the committer gets them, without any door: for tests of the path."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from shared.ids import draw_id
from shared.path.decision import Decision, Document, Key, Request, State, UseCase
from shared.path.group import Group, House
from shared.path.work import Ask, Mark, Origin, Outcome
from shared.security.principal import Principal
from tests.shared.tiny import ADD, AGENT, SERVICE, AddToCounter, CommandRefused

NOW = datetime(2026, 3, 2, 9, 15, tzinfo=UTC)
HOUSE = House(SERVICE, "test", CommandRefused)

Decide = Callable[[Request[Any, Any], State], Decision]


def ask(
    use_case: UseCase[Any, Any],
    message: Any,
    *,
    id: str | None = None,
    principal: Principal = AGENT,
    now: datetime = NOW,
    origin: Origin | None = None,
    mark: Mark | None = None,
    is_fact: bool = False,
    asked: Mapping[str, str] | None = None,
) -> Ask:
    """A message to decide; its inbox id is its message id."""
    id = id or draw_id()
    return Ask(
        inbox_id=id,
        use_case=use_case,
        request=Request(message, principal, now, id, id, None),
        type=getattr(use_case.message, "TYPE", use_case.message.__name__),
        key=str(getattr(message, "key", id)),
        origin=None if origin is None else lambda: origin,
        mark=mark,
        is_fact=is_fact,
        asked=asked,
    )


def add(counter_id: str, amount: int = 1, **more: Any) -> Ask:
    """Add to a counter."""
    return ask(ADD, AddToCounter(counter_id=counter_id, amount=amount), **more)


def origin_at(offset: int, *, topic: str = "mcp.tiny.commands", partition: int = 0) -> Origin:
    """The record that a message came in."""
    return Origin(topic, partition, offset, "k", {"ce_id": "a"}, b"{}")


def use_case(decide: Decide, *keys: Key[Any], **more: Any) -> UseCase[Any, Any]:
    """A use case of one test: asked with anything."""
    return UseCase(message=object, keys=lambda _: keys, decide=decide, **more)


def group_of(*documents: Document, known: Mapping[str, Outcome] | None = None) -> Group:
    """A group that loaded these documents."""
    return Group(HOUSE, State({document.key: document for document in documents}), known or {})


def numbers(group: Group, aggregate: str) -> list[int]:
    """The numbers of the events that the group tells of an aggregate, in order."""
    return [row.seq for row in group.rows if row.aggregate == aggregate]


def missing(*keys: Key[Any]) -> Iterable[tuple[Key[Any], None]]:
    """Declared documents that do not exist."""
    return [(key, None) for key in keys]
