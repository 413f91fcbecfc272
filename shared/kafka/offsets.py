"""How far a consumer is, told to the broker beside the work: the next poll does not wait for it.

Kafka's coordinator gathers commits for some milliseconds before it writes them (5 by default,
`group.coordinator.append.linger.ms`): as long as a small group takes from its records to its facts.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import structlog
from aiokafka.errors import KafkaError

log = structlog.get_logger(__name__)

N = TypeVar("N")

LAST_WORD_S = 2.0
"""How long a stop waits for the last word to be told (assumed): what was not told is read again,
and answers from the inbox."""


class Telling(Generic[N]):
    """Tells the newest word only: it says all that those before it said."""

    def __init__(self, tell: Callable[[N], Awaitable[None]]) -> None:
        self._tell = tell
        self._noted: N | None = None
        self._task: asyncio.Task[None] | None = None

    def note(self, word: N) -> None:
        """Tell this, as soon as what is being told now is through."""
        self._noted = word
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="offsets")

    async def _run(self) -> None:
        while self._noted is not None:
            word, self._noted = self._noted, None
            try:
                await self._tell(word)
            except KafkaError as error:
                log.warning("offsets_not_committed", error=type(error).__name__)

    async def told(self) -> None:
        """Wait until nothing is left to tell."""
        if self._task is not None:
            await self._task

    async def close(self) -> None:
        """Give the last word its time, then be silent."""
        if self._task is not None:
            _, late = await asyncio.wait({self._task}, timeout=LAST_WORD_S)
            for task in late:
                task.cancel()
