"""A process of ours: started, watched, stopped, killed; its log is a file."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

GUARD = Path(__file__).with_name("guard.py")
ROOT = Path(__file__).resolve().parents[2]
"""The repository: every process runs there."""
TAIL_CHARS = 4_000
"""How much of a log an error message shows; assumed: two screens."""
POLL_S = 0.02
"""How often a starting server is asked whether it is ready; assumed."""

# The kernel binds a child to the *thread* that started it (prctl(2)): one thread, which lives as
# long as this process, starts them all.
_starter = ThreadPoolExecutor(1, thread_name_prefix="starter")


class ProcessFailed(RuntimeError):
    """A process ended, or was not ready in time; the message holds the end of its log."""


@dataclass
class Process:
    """One command with its log file; it can be started again after it ended.

    `output` is where stdout goes when it must not be mixed with the log (stderr).
    Its own session: Ctrl-C reaches only the parent, which stops what it started in order.
    """

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] | None = None
    output: Path | None = None
    _popen: "subprocess.Popen[bytes] | None" = field(default=None, init=False, repr=False)

    def start(self) -> None:
        """Start the command; the log is appended to."""
        if self.running:
            raise ProcessFailed(f"{self.name} runs already (pid {self.pid})")
        self._popen = _starter.submit(self._spawn).result()

    def _spawn(self) -> "subprocess.Popen[bytes]":
        self.log.parent.mkdir(parents=True, exist_ok=True)
        guard = [sys.executable, "-I", "-S", str(GUARD), str(os.getpid())]
        with self.log.open("ab") as log, (self.output or self.log).open("ab") as output:
            return subprocess.Popen(
                [*guard, *self.command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=log,
                cwd=ROOT,
                env=None if self.environment is None else dict(self.environment),
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The pid of the last start."""
        if self._popen is None:
            raise ProcessFailed(f"{self.name} was never started")
        return self._popen.pid

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._popen is not None and self._popen.poll() is None

    @property
    def exit_code(self) -> int | None:
        """The exit code of the last run, negative for a signal, None while it runs."""
        return None if self._popen is None else self._popen.poll()

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if it still runs."""
        if self._popen is not None:
            self._popen.send_signal(number)

    def wait(self, timeout_s: float) -> int:
        """Wait for the end and return the exit code; ProcessFailed if it does not come."""
        if self._popen is None:
            raise ProcessFailed(f"{self.name} was never started")
        try:
            return self._popen.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise ProcessFailed(f"{self.name} still runs after {timeout_s} s") from None

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        if self._popen is not None:
            self._popen.kill()
            self._popen.wait()

    def stop(self, timeout_s: float = 20) -> int | None:
        """SIGTERM, then SIGKILL after `timeout_s`; return the exit code, None if never started."""
        if self._popen is None:
            return None
        self.send(signal.SIGTERM)
        try:
            return self._popen.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.kill()
            return self._popen.returncode

    def tail(self) -> str:
        """The end of the log, for an error message."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - TAIL_CHARS))
            return log.read().decode(errors="replace")

    def wait_until(self, ready: Callable[[], bool], deadline_s: float, what: str) -> None:
        """Wait until `ready` says so; ProcessFailed if the process ends or the deadline passes."""
        end = time.monotonic() + deadline_s
        while not ready():
            if not self.running:
                raise ProcessFailed(f"{self.name} ended ({self.exit_code}): {what}\n{self.tail()}")
            if time.monotonic() > end:
                raise ProcessFailed(f"{self.name} after {deadline_s} s: no {what}\n{self.tail()}")
            time.sleep(POLL_S)
