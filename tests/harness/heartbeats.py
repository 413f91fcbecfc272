"""Plays the heartbeats of services that are not there: a silent owner makes its copies stale."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from shared.clock import Clock
from shared.contracts.platform import ProcessBeat
from shared.ids import draw_id
from shared.path.rows import fact_row, moment, source_of
from tests.harness.access import Access
from tests.harness.topics import Outgoing, Publisher

EVERY_S = 2.0
"""More often than the services, which tell every 5 s: tests wait for the first one."""


@asynccontextmanager
async def heartbeats(access: Access, services: Iterable[str]) -> AsyncIterator[None]:
    """These services live, and hold nothing back."""
    async with Publisher(access.kafka) as publisher:
        task = asyncio.create_task(_beat(access, publisher, tuple(services)))
        try:
            yield
            assert not task.done()
        finally:
            task.cancel()
            await asyncio.wait({task})


async def _beat(access: Access, publisher: Publisher, services: tuple[str, ...]) -> None:
    count = 0
    while True:
        count += 1
        await publisher.publish_all([_record(access, each, count) for each in services])
        await asyncio.sleep(EVERY_S)


def _record(access: Access, service: str, count: int) -> Outgoing:
    now, process_id = Clock.real_now(), f"{service}-played"
    beat = ProcessBeat(
        process_id=process_id, service=service, release="test", oldest_pending_s=0.0, at=now
    )
    id = draw_id()
    row = fact_row(
        beat,
        id=id,
        aggregate=f"processes/{process_id}",
        seq=count,
        source=source_of(service),
        at=moment(now),
        correlation_id=id,
        cause=None,
        traced={},
    )
    headers = tuple((name, text.encode()) for name, text in row.headers.items())
    return Outgoing(access.topic(beat.TOPIC), beat.key.encode(), headers, row.value)
