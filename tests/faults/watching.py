"""What a test watches of a process from outside: readiness, processor time, memory."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles

import httpx
import psutil

from shared.contracts.topics import USER_LIFECYCLE, commands_topic
from tests.harness.platform import Platform
from tests.harness.polling import eventually
from tests.harness.replica import Replica


async def until_ready(replica: Replica, *, ready: bool, deadline_s: float) -> float:
    """Seconds until `/readyz` says so; AssertionError after `deadline_s`, with its last words."""
    started = time.monotonic()
    said = ""
    async with httpx.AsyncClient(timeout=deadline_s) as http:

        async def says_so() -> bool:
            nonlocal said
            answer = await http.get(f"{replica.url}/readyz")
            said = answer.text
            return bool(answer.json()["ready"] is ready)

        what = f"{replica.name} {'ready' if ready else 'not ready'}"
        try:
            await eventually(says_so, deadline_s, what, ignoring=(httpx.TransportError,))
        except AssertionError as late:
            raise AssertionError(f"{late}: {said}") from late
    return time.monotonic() - started


async def is_alive(replica: Replica) -> bool:
    """Whether `/healthz` answers: it does whatever is away."""
    async with httpx.AsyncClient(timeout=2) as http:
        return (await http.get(f"{replica.url}/healthz")).status_code == httpx.codes.OK


@dataclass
class Processor:
    """The processor time of a process since this was made."""

    replica: Replica

    def __post_init__(self) -> None:
        self._at, self._used = time.monotonic(), self._seconds()

    def share(self) -> float:
        """The share of one core that it used since."""
        return (self._seconds() - self._used) / (time.monotonic() - self._at)

    def _seconds(self) -> float:
        times = psutil.Process(self.replica.pid).cpu_times()
        return float(times.user + times.system)


def resident_mib(replica: Replica) -> float:
    """Memory of the process, in MiB."""
    return float(psutil.Process(replica.pid).memory_info().rss) / 2**20


def p95(seconds: Sequence[float]) -> float:
    """The 95th percentile."""
    return quantiles(seconds, n=20)[18]


async def delays_s(platform: Platform) -> list[float]:
    """For each command on the topic: from its append to that of its first event, in seconds."""
    asked = {
        record.header("ce_id"): record.timestamp_ms
        for record in await platform.read(commands_topic("identity"))
    }
    first: dict[str, int] = {}
    for record in await platform.read(USER_LIFECYCLE):
        cause = record.header("ce_causationid") or ""
        first[cause] = min(record.timestamp_ms, first.get(cause, record.timestamp_ms))
    return [(at - asked[cause]) / 1000 for cause, at in first.items() if cause in asked]
