"""A topic folded into the copy of a projection, as the service itself would do it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.clock import Clock
from shared.contracts.topics import retry_topic
from shared.kafka.broker import Record
from shared.kafka.intakes import REPLAY_OF, Projected, ProjectionIntake
from shared.mongo import projection
from shared.mongo.client import Collection
from shared.mongo.lease import Lease
from shared.mongo.projection import Projection
from shared.operations.opening import patiently
from shared.operations.progress import Progress
from shared.operations.reading import Positions, TopicReader
from shared.security.macs import Macs
from shared.service import Service

Mended = dict[tuple[int, int], list[Record]]
"""What operators replayed of a topic: place of the bad record → what they made of it."""


def intake_of(service: Service, each: Projection) -> ProjectionIntake:
    """The same door as the running service's."""
    settings = service.settings
    return ProjectionIntake(
        topic=each.topic,
        table=each.table,
        service=service.name,
        clock=Clock.shifted(settings.clock_offset_s),
        macs=Macs(settings.hmac_key.get_secret_value()),
    )


async def read_mended(service: Service, topic: str) -> Mended:
    """The mended records of a topic that the retry topic still holds."""
    mended: Mended = {}
    async with TopicReader(service.settings, retry_topic(service.name)) as reader:
        async for records in reader.read(await reader.ends()):
            for record in records:
                place = _place(record, topic)
                if place is not None:
                    mended.setdefault(place, []).append(record)
    return mended


def _place(record: Record, topic: str) -> tuple[int, int] | None:
    for name, value in record.headers:
        if name == REPLAY_OF and value is not None:
            first, _, place = value.decode(errors="replace").partition("/")
            partition, _, offset = place.partition("/")
            if first == topic and partition.isdecimal() and offset.isdecimal():
                return int(partition), int(offset)
    return None


@dataclass
class Fold:
    """Reads a topic into a collection, in order, while nobody else writes there.

    A bad record is already in the dead letters: it is counted as `skipped`, unless an operator
    replayed it, then what was mended takes its place. `told` counts the records read.
    """

    reader: TopicReader
    each: Projection
    intake: ProjectionIntake
    into: Collection
    mended: Mended
    lease: Lease
    skipped: int = 0
    told: int = field(default=0)

    async def read_up_to(self, ends: Positions, progress: Progress | None = None) -> None:
        """Read on up to these ends; the next records are read while the last are written."""
        writing: asyncio.Task[None] | None = None
        try:
            async for records in self.reader.read(ends):
                facts = [fact for fact in map(self._examine, records) if fact is not None]
                if writing is not None:
                    await writing
                writing = asyncio.create_task(self._write(facts))
                self.told += len(records)
                if progress is not None:
                    progress.advance(len(records))
            if writing is not None:
                await writing
        finally:
            if writing is not None:
                writing.cancel()
                await asyncio.wait([writing])

    def _examine(self, record: Record) -> Projected | None:
        examined = self.intake.examine(record)
        if examined is None or isinstance(examined, Projected):
            return examined
        for mended in reversed(self.mended.get((record.partition, record.offset), [])):
            replayed = self.intake.examine(mended)
            if isinstance(replayed, Projected):
                return replayed
        self.skipped += 1
        return None

    async def _write(self, facts: Sequence[Projected]) -> None:
        await self.lease.renew()
        told = [(each.fact, each.sequence) for each in facts]
        await patiently(
            lambda: projection.apply(self.each, self.into, told),
            "La base ne répond plus : la projection n’est pas refaite, relancez la commande.",
        )
