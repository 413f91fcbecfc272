"""One group, one transaction: inbox rows, documents and outbox rows together or not at all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from shared.mongo import inbox, outbox
from shared.mongo.client import Store
from shared.mongo.documents import D, Documents, find, load
from shared.path.decision import Key, State
from shared.path.group import (
    Group,
    House,
    aggregates_of,
    inbox_id_of,
    keys_of,
    named,
    named_further,
)
from shared.path.work import Outcome, Row, Work


@dataclass(frozen=True, slots=True)
class Committed:
    """What became of the messages of a group, in their order, and what is to be published now."""

    outcomes: list[Outcome]
    rows: list[Row]


class UnitOfWork:
    """Loads, lets the group decide, writes: one attempt, within a deadline, in one thread."""

    def __init__(self, store: Store, house: House, deadline_s: float) -> None:
        self._store = store
        self._house = house
        self._deadline_s = deadline_s

    async def attempt(self, works: Sequence[Work]) -> Committed:
        """Decide and write a group in one transaction.

        Raises whatever a message's parse or decision raised, or a store error; nothing is written
        then.
        """
        return await self._store.apart(self._attempt, works)

    def _attempt(self, works: Sequence[Work]) -> Committed:
        with self._store.transaction(self._deadline_s) as exchange:
            known = inbox.find_known(exchange, (inbox_id_of(work) for work in works))
            documents = Documents(exchange)
            works = [named(work) for work in works]
            documents.load(keys_of(works))
            state = State(documents.loaded)
            works = [named_further(work, state) for work in works]
            more = [key for key in keys_of(works) if key not in state]
            if more:
                documents.load(more)
                state = State(documents.loaded)
            pending = outbox.pending_of(exchange, aggregates_of(state, works, known))
            group = Group(self._house, state, known)
            outcomes = group.decide_all(works)
            documents.write(group.written, touched=group.touched, seqs=group.seqs)
            inbox.remember(exchange, group.outcomes)
            outbox.insert(exchange, group.rows)
        return Committed(outcomes, pending + group.rows)

    async def known_of(self, inbox_ids: Iterable[str]) -> set[str]:
        """Which of these messages are known, as last committed."""
        return set(await self._store.apart(inbox.find_known, self._store.committed, inbox_ids))

    async def load(self, key: Key[D]) -> D | None:
        """One document as last committed, for slow preparations."""
        return cast("D | None", (await load(self._store, [key]))[key])

    async def find(self, model: type[D], field: str, value: str) -> list[D]:
        """Documents by an indexed field as last committed, for slow preparations."""
        return await find(self._store, model, field, value)
