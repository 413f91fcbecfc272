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
    """Loads, lets the group decide, writes: one attempt, within a deadline."""

    def __init__(self, store: Store, house: House, deadline_s: float) -> None:
        self._store = store
        self._house = house
        self._deadline_s = deadline_s

    async def attempt(self, works: Sequence[Work]) -> Committed:
        """Decide and write a group in one transaction.

        Raises whatever a message's parse or decision raised, or a store error; nothing is written
        then.
        """
        async with self._store.transaction(self._deadline_s) as session:
            known = await inbox.find_known(
                self._store, session, [inbox_id_of(work) for work in works]
            )
            documents = Documents(self._store, session)
            works = [named(work) for work in works]
            await documents.load(keys_of(works))
            state = State(documents.loaded)
            works = [named_further(work, state) for work in works]
            more = [key for key in keys_of(works) if key not in state]
            if more:
                await documents.load(more)
                state = State(documents.loaded)
            pending = await outbox.pending_of(
                self._store, session, aggregates_of(state, works, known)
            )
            group = Group(self._house, state, known)
            outcomes = group.decide_all(works)
            await documents.write(group.written, touched=group.touched, seqs=group.seqs)
            await inbox.remember(self._store, session, group.outcomes)
            await outbox.insert(self._store, session, group.rows)
        return Committed(outcomes, pending + group.rows)

    async def known_of(self, inbox_ids: Iterable[str]) -> set[str]:
        """Which of these messages are known, as last committed."""
        return set(await inbox.find_known(self._store, None, inbox_ids))

    async def load(self, key: Key[D]) -> D | None:
        """One document as last committed, for slow preparations."""
        return cast("D | None", (await load(self._store, [key]))[key])

    async def find(self, model: type[D], field: str, value: str) -> list[D]:
        """Documents by an indexed field as last committed, for slow preparations."""
        return await find(self._store, model, field, value)
