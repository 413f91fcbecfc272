"""What every server of a local run has in common."""

from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.local.process import Process


class Server(ABC):
    """One server process: `start`, `stop`, `kill`, `restart`, usable as a context manager.

    A subclass sets `process` and says in `wait_ready` when the server answers. The address and
    the data stay the same over a restart.
    """

    process: Process
    address: str
    stop_timeout_s: float = 20

    @abstractmethod
    def wait_ready(self) -> None:
        """Return once the server answers; called after each start."""

    @property
    def pid(self) -> int:
        """The pid of the server."""
        return self.process.pid

    @property
    def log(self) -> Path:
        """The server's log file."""
        return self.process.log

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self.process.running

    def start(self) -> None:
        """Start and wait until it answers."""
        self.process.start()
        try:
            self.wait_ready()
        except BaseException:
            self.process.kill()
            raise

    def stop(self) -> None:
        """Stop cleanly; killed if it takes longer than `stop_timeout_s`."""
        self.process.stop(self.stop_timeout_s)

    def kill(self) -> None:
        """SIGKILL: as a machine that loses power, except for what the disk already has."""
        self.process.kill()

    def restart(self) -> None:
        """Start again, same address and data, stopping it first if it runs."""
        if self.running:
            self.stop()
        self.start()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
