"""Whether a service can work: looked at every second, told by /readyz and the metrics."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from aiokafka.errors import KafkaError

from shared.kafka.lag import answers, lag_of, places
from shared.kafka.limit import DeadLetterLimit
from shared.kafka.staleness import Staleness
from shared.mongo import outbox
from shared.mongo.client import Store, StoreError
from shared.observability import metrics

log = structlog.get_logger(__name__)

LOOK_S = 1.0
BOUND_S = 2.0
"""One look a second, each bounded by two: the truth is at most about four seconds old (G-70)."""
OLDEST_PENDING_S = 30.0
"""Age of an unpublished row above which the service is not well (assumed)."""


class Health:
    """What the last looks at the broker, the store and the outbox said."""

    def __init__(
        self, store: Store, limit: Callable[[], DeadLetterLimit], *, topic_prefix: str
    ) -> None:
        self._store = store
        self._topic_prefix = topic_prefix
        self._limit = limit
        self.started = False
        self._now = asyncio.Event()
        self.stopping = False
        self._store_ok = False
        self._broker_ok = False
        self.oldest_pending_s = 0.0

    def has_started(self) -> None:
        """All is open: look at once, for whoever starts processes one by one waits for each."""
        self.started = True
        self._now.set()

    def checks(self) -> dict[str, bool]:
        """Each check and whether it holds."""
        return {
            "started": self.started and not self.stopping,
            "broker": self._broker_ok,
            "store": self._store_ok,
            "outbox": self.oldest_pending_s < OLDEST_PENDING_S,
            "dead_letters": not self._limit().reached,
        }

    async def watch(
        self, consumers: Callable[[], Mapping[str, Any]], staleness: Mapping[str, Staleness]
    ) -> None:
        """Look until cancelled. `consumers` gives the consumer of each topic."""
        while True:
            started = time.monotonic()
            await asyncio.gather(
                self._look_at_store(), self._look_at_broker(consumers(), staleness)
            )
            pause_s = max(0.1, LOOK_S - (time.monotonic() - started))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._now.wait(), pause_s)
            self._now.clear()

    async def _look_at_store(self) -> None:
        try:
            await self._store.ping(BOUND_S)
            count, self.oldest_pending_s = await outbox.backlog(self._store, BOUND_S)
        except StoreError:
            self._store_ok = False
            return
        self._store_ok = True
        metrics.PENDING_ROWS.set(count)
        metrics.PENDING_AGE.set(self.oldest_pending_s)

    async def _look_at_broker(
        self, consumers: Mapping[str, Any], staleness: Mapping[str, Staleness]
    ) -> None:
        """The broker is well when it answers; a rebalance, which hides the lag, is no illness."""
        if not consumers:  # not started yet
            self._broker_ok = False
            return
        topic, consumer = next(iter(consumers.items()))
        try:
            async with asyncio.timeout(BOUND_S):
                await answers(consumer, self._topic_prefix + topic)
        except (TimeoutError, KafkaError, OSError):
            self._broker_ok = False
            return
        self._broker_ok = True
        await self._look_at_lag(consumers, staleness)

    async def _look_at_lag(
        self, consumers: Mapping[str, Any], staleness: Mapping[str, Staleness]
    ) -> None:
        """All topics side by side: each answer waits behind a fetch of its consumer, 0.5 s."""
        looks = (
            self._look_at(topic, consumer, staleness.get(topic))
            for topic, consumer in consumers.items()
        )
        await asyncio.gather(*looks)
        for topic, age in staleness.items():
            metrics.STALENESS.labels(topic).set(age.seconds())

    async def _look_at(self, topic: str, consumer: Any, staleness: Staleness | None) -> None:
        try:
            async with asyncio.timeout(BOUND_S):
                seen = None
                if staleness is not None:
                    asked_at = staleness.now()
                    seen = await places(consumer, self._topic_prefix + topic)
                    staleness.saw(seen, asked_at)
                metrics.LAG.labels(topic).set(await lag_of(consumer, seen))
        except (TimeoutError, KafkaError, OSError) as error:
            log.info("lag_unknown", topic=topic, error=type(error).__name__)
