"""One process of a service under test."""

import asyncio
import json
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from deploy.local.process import Process, ProcessFailed
from tests.harness.polling import eventually

READY_S = 30
"""How long a service may take from its start to ready; assumed."""
STOP_S = 30
"""A clean stop ends what is in hand: longer than the grace of 15 s of a broker; assumed."""


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    exit_code: int
    seconds: float


class Replica:
    """A process of a service: start, wait until ready, kill, terminate, read its log."""

    def __init__(
        self,
        name: str,
        command: list[str],
        environment: dict[str, str],
        directory: Path,
        port: int,
    ) -> None:
        self.name = name
        self.url = f"http://127.0.0.1:{port}"
        self.environment = environment
        self.process = Process(
            name,
            command,
            directory / f"{name}.log",
            environment,
            output=directory / f"{name}.out",
        )

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self.process.running

    @property
    def pid(self) -> int:
        """The pid of the last start."""
        return self.process.pid

    def start(self) -> None:
        """Start the process, without waiting."""
        self.process.start()

    async def wait_ready(self, deadline_s: float = READY_S) -> None:
        """Wait until `/readyz` says yes; ProcessFailed with the end of the log if it never does."""
        async with httpx.AsyncClient(timeout=2) as client:

            async def ready() -> bool:
                if not self.running:
                    code, tail = self.process.exit_code, self.process.tail()
                    raise ProcessFailed(f"{self.name} ended ({code})\n{tail}")
                return (await client.get(f"{self.url}/readyz")).status_code == httpx.codes.OK

            try:
                what = f"{self.name} ready"
                await eventually(ready, deadline_s, what, ignoring=(httpx.TransportError,))
            except AssertionError as error:
                raise ProcessFailed(f"{error}\n{self.process.tail()}") from error

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self.process.kill()

    async def terminate(self, deadline_s: float = STOP_S) -> Ended:
        """SIGTERM, and how it ended; ProcessFailed if it did not."""
        start = time.monotonic()
        self.process.send(signal.SIGTERM)
        exit_code = await self.wait(deadline_s)
        return Ended(exit_code, time.monotonic() - start)

    async def wait(self, deadline_s: float) -> int:
        """Wait for the end of the process and return its exit code."""
        return await asyncio.to_thread(self.process.wait, deadline_s)

    def log_lines(self) -> list[dict[str, Any]]:
        """The log so far, over all starts; a line that is no JSON is under the key `text`."""
        if not self.process.log.exists():
            return []
        return [_line(text) for text in self.process.log.read_text(errors="replace").splitlines()]


def _line(text: str) -> dict[str, Any]:
    try:
        line = json.loads(text)
    except ValueError:
        return {"text": text}
    return line if isinstance(line, dict) else {"text": text}
