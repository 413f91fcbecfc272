"""The only clock: real time plus an offset that tests and the demo may move."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

POLL_S = 0.25
"""How often a process of a test or demo looks whether the offset moved (assumed)."""


class Clock:
    """Tells the time of the platform; always UTC and aware."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self.offset = offset

    @classmethod
    def shifted(cls, seconds: int) -> "Clock":
        """A clock that many seconds ahead of the machine's."""
        return cls(timedelta(seconds=seconds))

    def now(self) -> datetime:
        """The time that business rules see."""
        return self.real_now() + self.offset

    @staticmethod
    def real_now() -> datetime:
        """The time of the machine, for ages and expiries of plumbing."""
        return datetime.now(UTC)

    async def follow(self, read_offset_s: Callable[[], Awaitable[int | None]]) -> None:
        """Keep the offset as the clock document says; None keeps the one of the settings."""
        while True:
            seconds = await read_offset_s()
            if seconds is not None:
                self.offset = timedelta(seconds=seconds)
            await asyncio.sleep(POLL_S)
