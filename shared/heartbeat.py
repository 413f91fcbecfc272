"""Heartbeats: each process tells how old its service's oldest unpublished row is."""

import asyncio
from collections.abc import Iterable

from shared.clock import Clock
from shared.contracts.platform import ProcessBeat
from shared.errors import InvalidMessage
from shared.health import Health
from shared.ids import draw_id
from shared.kafka.broker import Record
from shared.kafka.producer import Producer
from shared.kafka.records import decode_headers, read_body, read_envelope
from shared.kafka.staleness import Staleness
from shared.observability import metrics
from shared.path.rows import fact_row, moment, source_of
from shared.service import Service

EVERY_S = 5.0
"""Time between two heartbeats (assumed)."""


class Heartbeat:
    """Tells that this process lives, and hears the others."""

    def __init__(
        self, producer: Producer, process_id: str, service: Service, health: Health, clock: Clock
    ) -> None:
        self._producer = producer
        self._process_id = process_id
        self._service = service
        self._health = health
        self._clock = clock
        self._count = 0

    async def run(self) -> None:
        """Tell until cancelled; a heartbeat that cannot be sent is not sent later."""
        while True:
            await self.tell()
            await asyncio.sleep(EVERY_S)

    async def tell(self) -> None:
        """Publish one heartbeat. It states no fact of the trade, so it needs no outbox."""
        self._count += 1
        now = self._clock.real_now()
        beat = ProcessBeat(
            process_id=self._process_id,
            service=self._service.name,
            release=self._service.settings.release,
            oldest_pending_s=round(self._health.oldest_pending_s, 3),
            at=now,
        )
        id = draw_id()
        row = fact_row(
            beat,
            id=id,
            aggregate=f"processes/{self._process_id}",
            seq=self._count,
            source=source_of(self._service.name),
            at=moment(now),
            correlation_id=id,
            cause=None,
            traced={},
        )
        await self._producer.publish([row])

    @staticmethod
    async def listen(records: list[Record], staleness: Iterable[Staleness]) -> None:
        """Take in the heartbeats of all processes; what is not one is counted and ignored."""
        for record in records:
            try:
                read_envelope(decode_headers(record.headers))
                beat = read_body(record.value, ProcessBeat)
            except InvalidMessage:
                metrics.IGNORED.inc()
                continue
            for each in staleness:
                each.heard(beat)
