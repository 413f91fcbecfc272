"""The only clock: real time plus an offset that tests and the demo may move."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from shared import clock as module
from shared.clock import Clock
from shared.mongo import client, clock_document
from shared.mongo.client import Store
from tests.harness.polling import eventually


def test_it_tells_real_time_in_utc():
    before = datetime.now(UTC)
    now = Clock().now()
    assert before <= now <= datetime.now(UTC)
    assert now.tzinfo is UTC


def test_an_offset_moves_what_rules_see_and_not_the_time_of_the_machine():
    clock = Clock.shifted(86_400)
    assert timedelta(0) <= clock.now() - timedelta(days=1) - Clock.real_now() + timedelta(seconds=5)
    assert abs(clock.real_now() - datetime.now(UTC)) < timedelta(seconds=5)


async def test_it_follows_the_document_and_keeps_its_offset_while_there_is_none(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(module, "POLL_S", 0.001)
    told: list[int | None] = [None, 60, None]

    async def read() -> int | None:
        return told.pop(0) if len(told) > 1 else told[0]

    clock = Clock.shifted(5)
    following = asyncio.create_task(clock.follow(read))
    await eventually(lambda: clock.offset == timedelta(seconds=60), 5, "moved")
    await eventually(lambda: told == [None], 5, "nothing to follow")
    assert clock.offset == timedelta(seconds=60)
    told[0] = -10
    await eventually(lambda: clock.offset == timedelta(seconds=-10), 5, "moved back")
    following.cancel()
    await asyncio.wait({following})


async def test_the_document_says_the_offset_or_nothing(store: Store):
    assert await clock_document.read(store) is None
    await store.collection("clock").insert_one({"_id": "offset", "seconds": 3_600})
    assert await clock_document.read(store) == 3_600


async def test_a_store_that_is_away_moves_no_clock(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(client, "OPERATION_TIMEOUT_MS", 100)
    store = Store("mongodb://127.0.0.1:1", "x", service="tiny")
    assert await clock_document.read(store) is None
    store.close()
