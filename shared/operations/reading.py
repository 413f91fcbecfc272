"""A topic read by an operator's command: every partition, member of no group, nothing committed."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Self

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from shared.backoff import backoff_s
from shared.kafka.broker import Record
from shared.kafka.consumer import SteadyConsumer
from shared.operations.endings import Failed
from shared.operations.opening import WAIT_S
from shared.settings import ServiceSettings

log = structlog.get_logger(__name__)

BATCH_RECORDS = 2_000
"""Records handed over at once (assumed): large bulk writes, a few megabytes of memory."""
LOOK_MS = 200
"""Longest wait for records before looking again whether the end is reached (assumed)."""

Positions = Mapping[int, int]
"""Partition → offset."""


class TopicReader:
    """Reads a topic from its beginning, as far as it is told, then further.

    `topic` is the registered name, without prefix. Raises: Failed while opening when Kafka stays
    away or does not know the topic, while reading when nothing comes any more.
    """

    def __init__(self, settings: ServiceSettings, topic: str, wait_s: float = WAIT_S) -> None:
        self.topic = topic
        self.starts: Positions = {}
        self._settings = settings
        self._wait_s = wait_s
        self._at: dict[TopicPartition, int] = {}

    async def __aenter__(self) -> Self:
        try:
            async with asyncio.timeout(self._wait_s):
                self._consumer = await self._started()
        except TimeoutError as error:
            raise Failed("Kafka ne répond pas.") from error
        try:
            async with asyncio.timeout(self._wait_s):
                await self._assign_all()
                begin = await self._consumer.beginning_offsets(self._consumer.assignment())
        except TimeoutError as error:
            await self._consumer.stop()
            raise Failed(f"Kafka ne connaît pas le topic « {self.topic} ».") from error
        except BaseException:
            await self._consumer.stop()
            raise
        self._at = dict(begin)
        self.starts = {partition.partition: offset for partition, offset in begin.items()}
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._consumer.stop()

    async def _started(self) -> SteadyConsumer:
        failures = 0
        while True:
            consumer = SteadyConsumer(
                bootstrap_servers=self._settings.servers,
                group_id=None,
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                isolation_level="read_committed",
                fetch_max_wait_ms=self._settings.kafka_fetch_max_wait_ms,
            )
            try:
                await consumer.start()
            except (KafkaError, OSError) as error:
                failures += 1
                log.warning("waiting_for_broker", error=type(error).__name__, attempt=failures)
                await consumer.stop()
                await asyncio.sleep(min(2.0, backoff_s(failures)))
            except BaseException:
                await consumer.stop()
                raise
            else:
                return consumer

    async def _assign_all(self) -> None:
        """Take every partition of the topic, once Kafka knows it: asking could create it."""
        full = self._settings.topic_prefix + self.topic
        while full not in await self._consumer.topics():  # noqa: ASYNC110 - as below
            await asyncio.sleep(0.2)
        self._consumer.subscribe([full])
        while not self._consumer.assignment():  # noqa: ASYNC110 - no event to wait for
            await asyncio.sleep(0.02)

    async def ends(self) -> Positions:
        """Where each partition ends now: the offset of its next record."""
        ends = await self._consumer.end_offsets(self._consumer.assignment())
        return {partition.partition: end for partition, end in ends.items()}

    async def read(self, until: Positions) -> AsyncIterator[list[Record]]:
        """Records from where the last reading stopped up to `until`, in order per partition."""
        ends = {
            partition: max(at, until.get(partition.partition, at))
            for partition, at in self._at.items()
        }
        for partition, at in self._at.items():
            self._consumer.seek(partition, at)
        moved = asyncio.get_running_loop().time()
        while any(self._at[partition] < end for partition, end in ends.items()):
            polled = await self._consumer.getmany(timeout_ms=LOOK_MS, max_records=BATCH_RECORDS)
            before = dict(self._at)
            for partition, end in ends.items():
                self._at[partition] = min(end, await self._consumer.position(partition))
            if self._at != before:
                moved = asyncio.get_running_loop().time()
            elif asyncio.get_running_loop().time() - moved > self._wait_s:
                raise Failed(f"Kafka ne donne plus rien du topic « {self.topic} ».")
            records = [
                record
                for partition, batch in polled.items()
                for record in batch
                if record.offset < ends[partition]
            ]
            if records:
                yield records
