"""What is due is asked once, whoever schedules it and however often."""

import asyncio
import dataclasses
import os
import signal
from datetime import UTC, datetime, timedelta

import pytest

from shared.contracts.topics import commands_topic
from shared.mongo.client import Store
from shared.mongo.documents import to_row
from shared.operations import schedule as module
from shared.operations.endings import DONE, MISUSED
from shared.operations.opening import opened_producer
from shared.operations.schedule import Scheduler, schedule
from shared.service import Service
from tests.harness.fixtures import StartPlatform
from tests.harness.platform import Platform
from tests.harness.polling import eventually
from tests.harness.topics import Kafka, Record, read_topic
from tests.shared import tiny

pytestmark = pytest.mark.connected

PAST = datetime(2026, 3, 1, 9, tzinfo=UTC)


async def keep_due(store: Store, *ids: str) -> None:
    await store.collection("counters").insert_many(
        [to_row(tiny.Counter(id=id, total=5, seq=1, version=1, reset_at=PAST)) for id in ids]
    )


async def asked(service: Service, kafka: Kafka) -> list[Record]:
    prefix = service.settings.topic_prefix
    return await read_topic(kafka, prefix + commands_topic(service.name))


async def look(service: Service, store: Store, times: int = 1) -> Scheduler:
    assert service.due is not None
    async with opened_producer(service, "schedule") as producer:
        scheduler = Scheduler(service, service.due, store, producer)
        for _ in range(times):
            assert await scheduler.publish_due()
    return scheduler


async def test_two_schedulers_publish_the_same_record(
    tiny_service: Service, tiny_store: Store, kafka: Kafka
) -> None:
    await keep_due(tiny_store, "a")
    await look(tiny_service, tiny_store)
    await look(tiny_service, tiny_store)
    first, second = await asked(tiny_service, kafka)
    assert (first.key, first.headers, first.value) == (second.key, second.headers, second.value)
    assert first.header("ce_type") == tiny.ResetCounter.TYPE
    assert first.json() == {"counter_id": "a"}


async def test_what_is_published_and_not_yet_handled_is_not_published_again(
    tiny_service: Service, tiny_store: Store, kafka: Kafka
) -> None:
    await keep_due(tiny_store, "a", "b")
    scheduler = await look(tiny_service, tiny_store, times=3)
    assert scheduler.published == 2
    assert len(await asked(tiny_service, kafka)) == 2


async def test_what_is_still_due_much_later_is_published_again(
    tiny_service: Service, tiny_store: Store, kafka: Kafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keep_due(tiny_store, "a")
    monkeypatch.setattr(module, "REMEMBERED_S", -1.0)
    assert (await look(tiny_service, tiny_store, times=2)).published == 2
    assert len({record.header("ce_id") for record in await asked(tiny_service, kafka)}) == 1


async def test_more_than_can_be_remembered_waits_for_its_turn(
    tiny_service: Service, tiny_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REMEMBERED", 3)
    monkeypatch.setattr(module, "ROUND_ROWS", 2)
    await keep_due(tiny_store, *"abcde")
    assert tiny_service.due is not None
    async with opened_producer(tiny_service, "schedule") as producer:
        scheduler = Scheduler(tiny_service, tiny_service.due, tiny_store, producer)
        await scheduler.publish_due()
        await scheduler.publish_due()
        assert scheduler.published == 3
        await tiny_store.collection("counters").update_many(
            {"_id": {"$in": ["a", "b", "c"]}}, {"$set": {"reset_at": None}}
        )
        await scheduler.publish_due()  # forgets what was handled
        await scheduler.publish_due()
        assert scheduler.published == 5


async def test_nothing_is_due_before_its_date(
    tiny_service: Service, tiny_store: Store, kafka: Kafka
) -> None:
    await keep_due(tiny_store, "a")
    await tiny_store.collection("clock").insert_one({"_id": "offset", "seconds": -10 * 365 * 86400})
    assert (await look(tiny_service, tiny_store)).published == 0
    assert await asked(tiny_service, kafka) == []


async def test_clock_of_production_does_not_move(tiny_service: Service, tiny_store: Store) -> None:
    await keep_due(tiny_store, "a")
    await tiny_store.collection("clock").insert_one({"_id": "offset", "seconds": -10 * 365 * 86400})
    settings = tiny_service.settings.model_copy(update={"environment": "production"})
    strict = dataclasses.replace(tiny_service, settings=settings)
    assert (await look(strict, tiny_store)).published == 1


async def test_service_without_a_schedule_says_so(
    tiny_service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await schedule(dataclasses.replace(tiny_service, due=None), once=False) == MISUSED
    assert "n’a rien à programmer" in capsys.readouterr().out


async def test_once_publishes_and_ends(
    tiny_service: Service, tiny_store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    await keep_due(tiny_store, "a", "b")
    assert await schedule(tiny_service, once=True) == DONE
    assert "Commandes publiées : 2" in capsys.readouterr().out


async def test_sigterm_ends_the_schedule_well(
    tiny_service: Service, tiny_store: Store, kafka: Kafka
) -> None:
    await keep_due(tiny_store, "a")
    running = asyncio.create_task(_number(tiny_service))

    async def published() -> bool:
        return bool(await asked(tiny_service, kafka))

    await eventually(published, 20, "the command")
    os.kill(os.getpid(), signal.SIGTERM)
    assert await asyncio.wait_for(running, 10) == DONE


async def _number(service: Service) -> int:
    return await schedule(service, once=False)


async def test_two_schedulers_and_the_service_reset_each_counter_once(
    start_platform: StartPlatform,
) -> None:
    platform = await start_platform(
        (tiny.SERVICE,),
        modules=tiny.MODULES,
        topics=tiny.TOPICS,
        schedulers=(tiny.SERVICE,),
    )
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    await _add_all(platform, 40, tomorrow)
    database = platform.database(tiny.SERVICE)
    await eventually(lambda: database["counters"].count_documents({}) == 40, 20, "counters")
    platform.set_clock(timedelta(days=2))
    once = await platform.run_command(tiny.SERVICE, "schedule", "--once")
    assert once.exit_code == 0, once.stderr

    def reset() -> bool:
        return database["counters"].count_documents({"total": 0, "reset_at": None}) == 40

    await eventually(reset, 20, "all reset")
    ended = await platform.scheduler(tiny.SERVICE).terminate(20)
    assert ended.exit_code == 0
    assert database["counters"].count_documents({"seq": 2}) == 40
    facts = await platform.read(tiny.COUNTERS)
    assert sum(fact.json().get("total") == 0 for fact in facts) == 40


async def _add_all(platform: Platform, count: int, reset_at: datetime) -> None:
    commands = {
        f"add-{n}": tiny.AddToCounter(counter_id=f"k{n}", amount=7, reset_at=reset_at)
        for n in range(count)
    }
    topic = platform.topic(tiny.COMMANDS)
    await platform.publish(tiny.commands_of(platform.settings.keys, topic, commands))
