"""The one factory of brokers and subscribers."""

from typing import Any

import pytest
from faststream import AckPolicy

from shared.kafka.broker import (
    HEARTBEAT_MS,
    MAX_POLL_MS,
    POLL_RECORDS,
    REBALANCE_MS,
    SESSION_MS,
    Record,
    listen,
    make_broker,
    subscribe,
)
from shared.kafka.door import PATIENCE_S
from shared.path.pace import MOST
from shared.runtime import Runtime
from shared.service import Service
from tests.architecture.wiring import settings_of, wired
from tests.harness.platform import SERVICES
from tests.shared.tiny import TinySettings
from tests.shared.tiny import build as build_tiny


def service(name: str, monkeypatch: pytest.MonkeyPatch) -> Service:
    """A service as its process builds it."""
    if name != "tiny":
        return wired(name, monkeypatch)
    settings_of(name, monkeypatch)
    return build_tiny(TinySettings())


async def nothing(_: list[Record]) -> None:
    """A handler."""


@pytest.mark.parametrize("name", [*SERVICES, "tiny"])
async def test_no_subscriber_of_any_service_acknowledges_before_the_work(
    name: str, monkeypatch: pytest.MonkeyPatch
):
    runtime = Runtime(service(name, monkeypatch))
    runtime.store.close()
    subscribers: list[Any] = list(runtime.broker.subscribers)
    assert len(subscribers) == len(runtime.service.subscriptions)
    for subscriber in subscribers:
        options = subscriber._connection_args
        assert subscriber._no_reply
        assert options["enable_auto_commit"] is False
        if subscriber.group_id is None:  # heartbeats: each process by itself, nothing to commit
            assert subscriber.ack_policy is AckPolicy.MANUAL
            continue
        assert subscriber.ack_policy is AckPolicy.NACK_ON_ERROR
        assert subscriber.group_id.startswith(f"{name}.")
        assert options["auto_offset_reset"] == "earliest"
        assert options["isolation_level"] == "read_committed"
        assert options["check_crcs"] is True


def test_a_subscriber_takes_batches_of_one_group_by_itself():
    broker = make_broker(["127.0.0.1:1"], service="tiny")
    subscriber = subscribe(broker, "t", nothing, group="g", fetch_max_wait_ms=10)
    assert type(subscriber).__name__ == "BatchSubscriber"
    assert subscriber.max_records == POLL_RECORDS == 4 * MOST
    options = subscriber._connection_args
    assert options["session_timeout_ms"] == SESSION_MS == 6_000
    assert options["heartbeat_interval_ms"] == HEARTBEAT_MS == 2_000
    assert options["rebalance_timeout_ms"] == REBALANCE_MS
    assert options["max_poll_interval_ms"] == MAX_POLL_MS
    assert PATIENCE_S * 1000 < MAX_POLL_MS / 2
    assert options["fetch_max_wait_ms"] == 10


def test_consumers_do_not_share_the_memory_of_an_assignor():
    broker = make_broker(["127.0.0.1:1"], service="tiny")
    made = [
        subscribe(broker, topic, nothing, group="g", fetch_max_wait_ms=10) for topic in ("t", "u")
    ]
    (first,), (second,) = [each._connection_args["partition_assignment_strategy"] for each in made]
    assert first is not second
    assert first.name == second.name == "sticky"


def test_the_framework_makes_no_topic_and_logs_no_payload():
    broker: Any = make_broker(["127.0.0.1:1"], service="tiny")
    config = broker.config.broker_config
    assert config.allow_auto_create_topics is False
    assert config.ack_policy is AckPolicy.NACK_ON_ERROR
    assert broker._connection_kwargs["enable_idempotence"] is True
    listener = listen(broker, "t", nothing, fetch_max_wait_ms=10)
    assert listener._connection_args["auto_offset_reset"] == "latest"
