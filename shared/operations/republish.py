"""The present state of every aggregate told again, for consumers that start late.

A snapshot carries the number of the last event of its aggregate: who is further on ignores it,
who is not takes it whole. It triggers nothing.
"""

from collections import Counter
from collections.abc import AsyncIterator

from shared.contracts.envelope import Snapshot
from shared.ids import derive_id
from shared.kafka.drain import ROUND_ROWS
from shared.operations.endings import DONE, Misused, told
from shared.operations.opening import (
    current_clock,
    opened_producer,
    opened_store,
    publish_all,
)
from shared.operations.progress import Progress, number
from shared.path.decision import Document
from shared.path.rows import fact_row, moment, source_of
from shared.path.work import Row
from shared.service import Service

Snapshots = AsyncIterator[tuple[Document, Snapshot]]


@told
async def republish(service: Service, *, wet_run: bool) -> int:
    """Publish the snapshot of every aggregate; without `wet_run`, only count them."""
    if service.snapshots is None:
        raise Misused(f"Le service « {service.name} » n’a pas d’état à publier.")
    async with opened_store(service) as store:
        now = (await current_clock(service, store)).now()
        snapshots = service.snapshots(store, now)
        if wet_run:
            await _publish(service, snapshots, moment(now))
        else:
            await _count(snapshots)
    return DONE


async def _count(snapshots: Snapshots) -> None:
    counts = Counter([snapshot.TOPIC async for _, snapshot in snapshots])
    for topic, count in sorted(counts.items()):
        print(f"À publier sur « {topic} » : {number(count)}")
    if counts:
        print("Rien n’a été publié : ajoutez --wet-run.")
    else:
        print("Rien à publier.")


async def _publish(service: Service, snapshots: Snapshots, at: str) -> None:
    progress = Progress("Publiés")
    rows: list[Row] = []
    async with opened_producer(service, "republish") as producer:
        async for document, snapshot in snapshots:
            rows.append(_row(service.name, document, snapshot, at))
            if len(rows) == ROUND_ROWS:
                await publish_all(producer, rows)
                progress.advance(len(rows))
                rows = []
        await publish_all(producer, rows)
        progress.advance(len(rows))
    progress.close()


def _row(service: str, document: Document, snapshot: Snapshot, at: str) -> Row:
    """A snapshot on its way out; told again at another moment, it is another record."""
    aggregate = document.key.aggregate
    id = derive_id("snapshot", aggregate, str(document.seq), at)
    return fact_row(
        snapshot,
        id=id,
        aggregate=aggregate,
        seq=document.seq,
        source=source_of(service),
        at=at,
        correlation_id=id,
        cause=None,
        traced={},
    )
