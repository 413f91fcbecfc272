"""Publishes commands at a steady pace and waits for the fact that each one causes.

The latency of a command runs from the call that publishes it to the arrival of its fact here.
"""

import asyncio
import json
import random
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from bench.accounts import command_headers, draw_change
from bench.load.plan import read_plan, tell

LAST_S = 15.0
"""How long the last facts may take (assumed)."""


class Pacer:
    """Sends and listens at once; `sent` and `heard` are moments by command id."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self._plan = plan
        self._sent: dict[str, float] = {}
        self._heard: dict[str, float] = {}
        self._wanted = int(plan["rate"] * (plan["warm_up_s"] + plan["seconds"]))
        self._all_heard = asyncio.Event()

    async def run(self) -> dict[str, Any]:
        """Send the whole plan; latencies in milliseconds, in the order sent, warm-up left out."""
        plan = self._plan
        consumer = AIOKafkaConsumer(
            plan["facts"],
            bootstrap_servers=plan["bootstrap"],
            auto_offset_reset="latest",
            fetch_max_wait_ms=plan["fetch_max_wait_ms"],
        )
        producer = AIOKafkaProducer(bootstrap_servers=plan["bootstrap"], enable_idempotence=True)
        await producer.start()
        await consumer.start()
        await consumer.seek_to_end()
        listening = asyncio.create_task(self._listen(consumer))
        try:
            await self._send_all(producer)
            await self._wait_for_last()
        finally:
            listening.cancel()
            await producer.stop()
            await consumer.stop()
        warm = int(plan["rate"] * plan["warm_up_s"])
        counted = list(self._sent.items())[warm:]
        latencies = [(self._heard[id] - at) * 1e3 for id, at in counted if id in self._heard]
        return {"latencies_ms": latencies, "sent": len(self._sent), "heard": len(self._heard)}

    async def _send_all(self, producer: AIOKafkaProducer) -> None:
        plan = self._plan
        # irregular as people are, and never in step with a timer of what is measured
        chance = random.Random(plan["seed"])
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        due = time.perf_counter()
        for number in range(self._wanted):
            user = plan["users"][number % len(plan["users"])]
            due += chance.uniform(0.5, 1.5) / plan["rate"]
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            headers = command_headers(plan["token"], at)
            self._sent[headers[0][1]] = time.perf_counter()
            await producer.send(
                plan["commands"],
                json.dumps({"user_id": user, **draw_change()}).encode(),
                key=user.encode(),
                headers=[(name, value.encode()) for name, value in headers],
            )

    async def _listen(self, consumer: AIOKafkaConsumer) -> None:
        async for record in consumer:
            now = time.perf_counter()
            headers = dict(record.headers)
            cause = (headers.get("ce_causationid") or b"").decode()
            if cause in self._sent:
                self._heard.setdefault(cause, now)
                if len(self._heard) == self._wanted:
                    self._all_heard.set()

    async def _wait_for_last(self) -> None:
        with suppress(TimeoutError):  # what is missing is told, and judged by who asked
            async with asyncio.timeout(LAST_S):
                await self._all_heard.wait()


async def main() -> None:
    """Do what stdin says."""
    tell(await Pacer(read_plan()).run())


if __name__ == "__main__":
    uvloop.run(main())
