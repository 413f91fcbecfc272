"""Rights taken away and given back while clients ask all the time: how soon it is seen."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.harness.polling import eventually
from tests.shared.droits.running import CDAP, DEADLINE_S, Probe, open_valfleury

CLIENTS = 10
"""Who ask all the time (G-30)."""
Act = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Seen:
    """How long each act was not seen, by the last yes that came after it; what else came."""

    delays_s: list[float]
    answers: int
    failures: list[str]


async def measure_revocations(probe: Probe, trials: int) -> Seen:
    """End a membership, or withdraw a role, so many times in turn: habilitation is played."""
    told = probe.told
    t1 = await open_valfleury(told)

    async def end() -> None:
        await told.take_from_groupe("membre", t1)

    async def begin() -> None:
        await told.add_to_groupe("membre", t1)

    async def withdraw() -> None:
        await told.withdraw_role(t1)

    async def assign() -> None:
        await told.assign_role(t1, CDAP, "T1")

    return await measure_acts(probe, [(withdraw, assign), (end, begin)], trials)


async def measure_acts(probe: Probe, acts: Sequence[tuple[Act, Act]], trials: int) -> Seen:
    """Take CDAP away from `membre` and give it back, so many times, each way in turn."""
    await probe.becomes("membre", None)
    async with hammering(probe, "membre") as hammer:
        await hammer.all_say(granted=True, since=0.0)
        delays = [await _delay(hammer, *acts[trial % len(acts)]) for trial in range(trials)]
    return Seen(delays, hammer.answers, hammer.failures)


async def _delay(hammer: "Hammer", revoke: Act, restore: Act) -> float:
    """How long after the act was acknowledged somebody was still told yes."""
    await revoke()
    revoked = time.monotonic()
    await hammer.all_say(granted=False, since=revoked)
    delay = max(0.0, hammer.granted_at - revoked)
    settled = time.monotonic()
    await hammer.all_say(granted=False, since=settled)
    assert hammer.granted_at < settled, "a yes after everybody was told no"
    await restore()
    await hammer.all_say(granted=True, since=time.monotonic())
    return delay


@dataclass
class Hammer:
    """Clients that ask all the time whether one person has access, each with what it saw last."""

    probe: Probe
    user_id: str
    granted_at: float = 0.0
    """When the last answer that was a yes came."""
    answers: int = 0
    failures: list[str] = field(default_factory=list)
    _last: dict[int, tuple[float, bool]] = field(default_factory=dict)

    async def all_say(self, *, granted: bool, since: float) -> None:
        """Wait until every client got that answer to a question asked since then."""

        def said() -> bool:
            return len(self._last) == CLIENTS and all(
                asked >= since and answer is granted for asked, answer in self._last.values()
            )

        try:
            await eventually(said, DEADLINE_S, f"all say {granted}")
        except AssertionError as error:
            raise AssertionError(f"{error}; refused: {self.failures[-1:]}") from error

    async def ask(self, number: int) -> None:
        """One client, until cancelled."""
        seen: str | None = None
        while True:
            asked = time.monotonic()
            answer = await self.probe.decide(self.user_id, seen)
            self.answers += 1
            if answer.status_code != httpx.codes.OK:
                self.failures.append(answer.text)
                continue
            told: dict[str, Any] = answer.json()
            seen, granted = told["versions"], told["manque"] is None
            if granted:
                self.granted_at = time.monotonic()
            self._last[number] = asked, granted


@asynccontextmanager
async def hammering(probe: Probe, user_id: str) -> AsyncIterator[Hammer]:
    """The clients at work."""
    hammer = Hammer(probe, user_id)
    tasks = [asyncio.create_task(hammer.ask(number)) for number in range(CLIENTS)]
    try:
        yield hammer
        assert not any(task.done() for task in tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
