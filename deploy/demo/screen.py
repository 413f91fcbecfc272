"""What the demo shows: steps, facts, mails, and something that moves while it waits."""

import asyncio
import itertools
import sys
import textwrap
import time
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from deploy.local.mails import Mail

T = TypeVar("T")

_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_FRAME_S = 0.1
_PLAIN_FRAME_S = 2.0
"""Where nobody can see a line move, a dot every two seconds says that something goes on."""
_WIDTH = 96


class Screen:
    """A terminal, or a file that keeps what a terminal would show."""

    def __init__(self) -> None:
        self._moves = sys.stdout.isatty()
        self._started = time.monotonic()

    def title(self, text: str) -> None:
        """A part of the story."""
        print(f"\n{self._style('1;32', '━━ ' + text + ' ' + '━' * max(0, 76 - len(text)))}")

    def step(self, text: str) -> None:
        """Something that somebody does."""
        print(f"{self._style('1', '▶')} {text}", flush=True)

    def saw(self, kind: str, text: str) -> None:
        """Something that was seen from outside."""
        print(f"    {self._style('36', f'{kind:<9}')} {text}", flush=True)

    def mail(self, mail: Mail, *, whole: bool = True) -> None:
        """A mail as its reader sees it, or only whose it is."""
        self.saw("mail", f"à {mail.to} — {mail.subject}")
        if not whole:
            return
        for line in mail.text.strip().splitlines():
            for part in textwrap.wrap(line, _WIDTH) or [""]:
                print(f"    {self._style('2', '│ ' + part)}")
        sys.stdout.flush()

    def ok(self, text: str) -> None:
        """An end that is good."""
        print(f"{self._style('1;32', '✔')} {text}", flush=True)

    def failed(self, text: str) -> None:
        """An end that is not."""
        print(f"{self._style('1;31', '✘')} {text}", flush=True)

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self._started

    async def waiting(self, what: str, work: Awaitable[T]) -> T:
        """Wait for something, showing that the demo is alive."""
        moving = asyncio.create_task(self._move(what))
        try:
            return await work
        finally:
            moving.cancel()
            self._wipe()

    @contextmanager
    def busy(self, what: str) -> Iterator[None]:
        """Say what is being done while nothing else can be shown."""
        started = time.monotonic()
        print(f"… {what}", end="", flush=True)
        yield
        print(f" {self._style('2', f'({time.monotonic() - started:.1f} s)')}", flush=True)

    async def _move(self, what: str) -> None:
        for frame in itertools.cycle(_FRAMES):
            if self._moves:
                print(f"\r{frame} {what} ", end="", flush=True)
                await asyncio.sleep(_FRAME_S)
            else:
                await asyncio.sleep(_PLAIN_FRAME_S)
                print(".", end="", flush=True)

    def _wipe(self) -> None:
        if self._moves:
            print("\r\033[K", end="", flush=True)

    def _style(self, code: str, text: str) -> str:
        return f"\033[{code}m{text}\033[0m" if self._moves else text
