"""A service that kills itself at chosen points: `python -m tests.faults.crashing identity run`.

`CRASH_AT=after_commit:0.02,before_delete:3` says where and when: a share of the passages, or one
ordinal. The service's code has no hooks: what it calls is replaced here, from outside.
"""

import asyncio
import os
import random
import runpy
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.consumer.group_coordinator import GroupCoordinator

from shared.kafka.producer import Producer
from shared.mongo import outbox
from shared.mongo.client import Exchange
from shared.mongo.unit_of_work import UnitOfWork
from shared.path.work import Row
from shared.runtime import Runtime

CRASH_AT = "CRASH_AT"
SETTLED_S = 0.05
"""Time for answers to leave and offsets to be committed, once rows are acknowledged (assumed)."""

POINTS = (
    "before_commit",
    "after_commit",
    "mid_send",
    "after_send",
    "before_delete",
    "before_offset_commit",
    "in_rebalance",
    "in_stop",
)


@dataclass
class CrashPlan:
    """When to die: point → share of its passages (below 1) or ordinal of the fatal one."""

    points: Mapping[str, float]
    passages: dict[str, int] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> "CrashPlan":
        """Read `point:share,point:ordinal`."""
        points = {}
        for part in filter(None, text.split(",")):
            name, _, when = part.partition(":")
            if name not in POINTS:
                raise ValueError(f"{name}: not one of {', '.join(POINTS)}")
            points[name] = float(when)
        return cls(points)

    def due(self, point: str) -> bool:
        """Whether this passage is the fatal one."""
        when = self.points.get(point)
        if when is None:
            return False
        self.passages[point] = self.passages.get(point, 0) + 1
        if when >= 1:
            return self.passages[point] == int(when)
        return random.random() < when  # noqa: S311 (chance is what is wanted)

    def pass_by(self, point: str) -> None:
        """Die here if it is due, as a power cut would: no handler, no flush."""
        if self.due(point):
            os.write(2, b'{"event": "crash", "point": "%s"}\n' % point.encode())
            os.kill(os.getpid(), signal.SIGKILL)


def install(plan: CrashPlan) -> None:
    """Put the points around what the service calls."""
    _install_before_commit(plan)
    _before(UnitOfWork, "attempt", plan, "after_commit", after=True)
    _before(Producer, "publish", plan, "after_send", after=True)
    _before(outbox, "delete", plan, "before_delete", wait_s=SETTLED_S)
    _before(AIOKafkaConsumer, "commit", plan, "before_offset_commit")
    _before(GroupCoordinator, "_on_join_prepare", plan, "in_rebalance")
    _before(Runtime, "_close", plan, "in_stop", wait_s=SETTLED_S)
    _install_mid_send(plan)


def _before(
    owner: Any, name: str, plan: CrashPlan, point: str, *, after: bool = False, wait_s: float = 0
) -> None:
    """Pass by a point before (or after) each call of an asynchronous function."""
    original: Callable[..., Awaitable[Any]] = getattr(owner, name)

    async def watched(*arguments: Any, **options: Any) -> Any:
        if not after:
            await asyncio.sleep(wait_s)
            plan.pass_by(point)
        answer = await original(*arguments, **options)
        if after:
            plan.pass_by(point)
        return answer

    setattr(owner, name, watched)


def _install_before_commit(plan: CrashPlan) -> None:
    """Once a group's rows are said, in the thread of its transaction."""
    original = outbox.insert

    def insert(exchange: Exchange, rows: Sequence[Row]) -> None:
        original(exchange, rows)
        plan.pass_by("before_commit")

    outbox.insert = insert


def _install_mid_send(plan: CrashPlan) -> None:
    """Between two rows of one round: the first half is acknowledged, the rest was never sent."""
    original = Producer.publish

    async def publish(self: Producer, rows: Sequence[Row]) -> set[str]:
        if len(rows) > 1 and plan.due("mid_send"):
            await original(self, rows[: len(rows) // 2])
            os.write(2, b'{"event": "crash", "point": "mid_send"}\n')
            os.kill(os.getpid(), signal.SIGKILL)
        return await original(self, rows)

    Producer.publish = publish  # type: ignore[method-assign]


def main() -> None:
    """Run the service named first, with its own arguments behind."""
    service = sys.argv[1]
    sys.argv = [f"services.{service}", *sys.argv[2:]]
    install(CrashPlan.parse(os.environ.get(CRASH_AT, "")))
    runpy.run_module(f"services.{service}", run_name="__main__")


if __name__ == "__main__":
    main()
