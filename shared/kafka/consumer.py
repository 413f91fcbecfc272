"""The consumer, mended where a batch that cannot be decoded would cost more than itself, and where
one poll would wait for what has nothing to do with it.

In aiokafka 0.14 such a batch fails the whole poll after other partitions were read: their records
are passed over and, by the next commit, lost. And a header whose *name* is no UTF-8, which any
sender can write, makes a batch undecodable for ever.
"""

import random
from collections.abc import Iterator
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer import fetcher
from aiokafka.errors import ConsumerStoppedError
from aiokafka.record.default_records import DefaultRecordBatch, _DefaultRecordBatchPy
from aiokafka.record.memory_records import _MemoryRecordsPy

from shared.kafka.offsets import Telling

log = structlog.get_logger(__name__)

Polled = dict[TopicPartition, list[Any]]
Offsets = dict[TopicPartition, Any]
"""By partition, the place of the next record and what the library keeps beside it."""


class SteadyConsumer(AIOKafkaConsumer):  # type: ignore[misc] # the library is untyped
    """A consumer of which a partition that cannot be read holds up itself and no other.

    `commit` notes how far it is; the broker is told beside the next poll.
    """

    has_started = False
    """Whether it can be asked anything: it exists while a slow broker still lets it wait."""
    _doubtful = False

    def __init__(self, *topics: str, **options: Any) -> None:
        super().__init__(*topics, **options)
        self._telling: Telling[tuple[Any, Offsets]] = Telling(self._tell)

    async def start(self) -> None:
        """Connect, and join the group."""
        await super().start()
        self.has_started = True

    async def stop(self) -> None:
        """Tell the last word, then leave the group."""
        await self._telling.close()
        await super().stop()

    async def commit(self) -> None:
        """Note that what was polled so far is handled."""
        subscription = self._subscription.subscription
        assignment = None if subscription is None else subscription.assignment
        if assignment is not None:
            self._telling.note((assignment, assignment.all_consumed_offsets()))

    async def _tell(self, noted: tuple[Any, Offsets]) -> None:
        """What was noted before a rebalance is worth nothing after it: others may be further."""
        assignment, offsets = noted
        if assignment.active:
            await super().commit(offsets)

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int = 0, max_records: int | None = None
    ) -> Polled:
        """Poll; once that failed, put all partitions back and poll them one by one."""
        if not self._doubtful:
            try:
                return await self._poll(*partitions, timeout_ms=timeout_ms, max_records=max_records)
            except ConsumerStoppedError:
                raise
            except Exception as error:
                if self._group_id is None:  # nothing is committed, nothing is promised
                    raise
                log.warning("poll_failed", error=type(error).__name__)
                self._doubtful = True
        await self._put_back()
        return await self._poll_one_by_one(timeout_ms, max_records)

    async def _put_back(self) -> None:
        """What was handled is committed; anything after it may not have been."""
        await self._telling.told()
        for partition in self.assignment():
            committed = await self.committed(partition)
            if committed is None:
                await self.seek_to_beginning(partition)
            else:
                self.seek(partition, committed)
        self._doubtful = False

    async def _poll_one_by_one(self, timeout_ms: int, max_records: int | None) -> Polled:
        """The records of the first partition that has some; raises when none has and one failed."""
        failure: Exception | None = None
        for partition in random.sample(sorted(self.assignment()), len(self.assignment())):
            try:
                polled = await self._poll(partition, timeout_ms=timeout_ms, max_records=max_records)
            except ConsumerStoppedError:
                raise
            except Exception as error:
                failure = error
                log.exception("partition_unreadable", **partition._asdict())
            else:
                if polled:
                    return polled
        if failure is not None:
            raise failure
        return {}

    async def _poll(self, *partitions: TopicPartition, **options: Any) -> Polled:
        polled: Polled = await super().getmany(*partitions, **options)
        return polled


class PatientConsumer(SteadyConsumer):
    """A subscriber's consumer. It never comes back with nothing: the framework would then pause as
    long as it had waited, and what arrives meanwhile with it.
    """

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int = 0, max_records: int | None = None
    ) -> Polled:
        """Poll until there is something."""
        while True:
            polled = await super().getmany(
                *partitions, timeout_ms=timeout_ms, max_records=max_records
            )
            if polled:
                return polled


class _Forgiving(bytearray):
    """Bytes whose text is readable whatever they hold: odd ones in hexadecimal."""

    def __getitem__(self, place: Any) -> Any:
        found = super().__getitem__(place)
        return _Forgiving(found) if isinstance(found, bytearray) else found

    def decode(self, encoding: str = "utf-8", errors: str = "") -> str:
        return super().decode(encoding, errors or "backslashreplace")


class _ForgivingBatch(_DefaultRecordBatchPy):  # type: ignore[misc]
    """The library's slow reader of a batch, with names of headers that are no UTF-8."""

    def __iter__(self) -> "_ForgivingBatch":
        super().__iter__()
        self._buffer: bytearray = _Forgiving(self._buffer)
        return self


class _Batch:
    """A batch as the fetcher uses it; decoded at once, slowly when it has to be."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self._batch = DefaultRecordBatch(raw)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __iter__(self) -> Iterator[Any]:
        try:
            return iter(list(self._batch))
        except UnicodeDecodeError:
            log.warning("header_name_not_utf8")
            return iter(list(_ForgivingBatch(self._raw)))

    def __next__(self) -> Any:
        return next(self._batch)


class _Records(_MemoryRecordsPy):  # type: ignore[misc]
    """The batches of one fetch."""

    def next_batch(self) -> Any:
        raw = self._next_slice
        batch = super().next_batch()
        return _Batch(raw) if isinstance(batch, DefaultRecordBatch) else batch


fetcher.MemoryRecords = _Records
