"""A projection made anew tells what its topic tells, and loses nothing on the way."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from pymongo.collection import Collection

from shared.contracts.envelope import Fact
from shared.contracts.topics import retry_topic
from shared.kafka.intakes import REPLAY_OF
from shared.mongo import lease
from shared.mongo.client import Store
from shared.operations.endings import DONE, FAILED, MISUSED
from shared.operations.rebuild import rebuild
from shared.service import Service
from tests.harness.fixtures import StartPlatform
from tests.harness.platform import Platform
from tests.harness.polling import eventually
from tests.harness.topics import Kafka, Outgoing, Publisher
from tests.shared import tiny
from tests.shared.tiny import CounterMoved, CounterPassed

pytestmark = pytest.mark.connected

SEEN = tiny.SEEN.collection


def counters_topic(service: Service) -> str:
    return service.settings.topic_prefix + tiny.COUNTERS


def facts(service: Service, *told: tuple[Fact, int]) -> list[Outgoing]:
    topic = counters_topic(service)
    return [tiny.fact_of(topic, fact, f"{fact.key}-{seq}", seq) for fact, seq in told]


def moved(id: str, total: int, sequence: int) -> tuple[Fact, int]:
    return CounterMoved(counter_id=id, total=total), sequence


def passed(id: str, hundreds: int, sequence: int) -> tuple[Fact, int]:
    return CounterPassed(counter_id=id, hundreds=hundreds), sequence


async def publish(kafka: Kafka, records: list[Outgoing]) -> list[tuple[int, int]]:
    async with Publisher(kafka) as publisher:
        return await publisher.publish_all(records)


async def seen(store: Store) -> dict[str, Any]:
    return {row.pop("_id"): row async for row in store.collection(SEEN).find({})}


async def test_rebuilt_projection_tells_what_the_topic_tells(
    tiny_service: Service, tiny_store: Store, kafka: Kafka, capsys: pytest.CaptureFixture[str]
) -> None:
    told = [moved("a", 30, 1), moved("b", 1, 1), moved("a", 130, 2), passed("a", 1, 3)]
    await publish(kafka, facts(tiny_service, *told))
    await tiny_store.collection(SEEN).insert_many(
        [
            {"_id": "a", "total": 999, "odd": True, "seq": 3},
            {"_id": "never told", "total": 1, "seq": 1},
        ]
    )
    assert await rebuild(tiny_service, None, wet_run=True) == DONE
    assert await seen(tiny_store) == {
        "a": {"total": 130, "hundreds": 1, "seq": 3},
        "b": {"total": 1, "seq": 1},
    }
    out = capsys.readouterr().out
    assert "4 enregistrements relus" in out
    assert "1 fiches retirées" in out
    assert "total_1" in await tiny_store.collection(SEEN).index_information()
    assert f"{SEEN}__rebuild" not in await tiny_store.database.list_collection_names()


async def test_dry_run_counts_and_changes_nothing(
    tiny_service: Service, tiny_store: Store, kafka: Kafka, capsys: pytest.CaptureFixture[str]
) -> None:
    await publish(kafka, facts(tiny_service, moved("a", 30, 1)))
    before = {"b": {"total": 1, "seq": 1}}
    await tiny_store.collection(SEEN).insert_one({"_id": "b", **before["b"]})
    assert await rebuild(tiny_service, SEEN, wet_run=False) == DONE
    assert await seen(tiny_store) == before
    out = capsys.readouterr().out
    assert f"{SEEN} : 1 enregistrements" in out
    assert "Rien n’a été changé" in out


async def test_bad_records_are_counted_and_skipped(
    tiny_service: Service, tiny_store: Store, kafka: Kafka, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = Outgoing(counters_topic(tiny_service), b"a", (("x", b"\xff"),), b"{")
    await publish(kafka, [bad, *facts(tiny_service, moved("a", 30, 1))])
    assert await rebuild(tiny_service, None, wet_run=True) == DONE
    assert await seen(tiny_store) == {"a": {"total": 30, "seq": 1}}
    assert "1 rebuts écartés" in capsys.readouterr().out


async def test_mended_record_takes_the_place_of_the_bad_one(
    tiny_service: Service, tiny_store: Store, kafka: Kafka
) -> None:
    first, second = facts(tiny_service, moved("a", 30, 1), passed("a", 1, 2))
    bad = Outgoing(first.topic, first.key, first.headers, b'{"counter_id": "a"}')
    (partition, offset), _ = await publish(kafka, [bad, second])
    place = f"{tiny.COUNTERS}/{partition}/{offset}".encode()
    retry = tiny_service.settings.topic_prefix + retry_topic(tiny.SERVICE)
    mended = Outgoing(retry, first.key, (*first.headers, (REPLAY_OF, place)), first.value)
    await publish(kafka, [mended])
    assert await rebuild(tiny_service, None, wet_run=True) == DONE
    assert await seen(tiny_store) == {"a": {"total": 30, "hundreds": 1, "seq": 2}}


async def test_document_that_knows_more_than_its_topic_stays(
    tiny_service: Service, tiny_store: Store, kafka: Kafka, capsys: pytest.CaptureFixture[str]
) -> None:
    await publish(kafka, facts(tiny_service, moved("a", 30, 1)))
    ahead = {"total": 70, "seq": 2}
    await tiny_store.collection(SEEN).insert_one({"_id": "a", **ahead})
    assert await rebuild(tiny_service, None, wet_run=True) == DONE
    assert await seen(tiny_store) == {"a": ahead}
    assert "1 gardées" in capsys.readouterr().out


async def test_only_one_rebuilds_at_a_time(
    tiny_service: Service, tiny_store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    async with lease.held(tiny_store, f"rebuild/{SEEN}"):
        assert await rebuild(tiny_service, None, wet_run=True) == FAILED
    assert "déjà en train" in capsys.readouterr().out
    assert await rebuild(tiny_service, None, wet_run=True) == DONE


async def test_unknown_projection_is_misuse(
    tiny_service: Service, tiny_store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await rebuild(tiny_service, "absente", wet_run=True) == MISUSED
    assert SEEN in capsys.readouterr().out


async def test_store_must_be_migrated_first(
    tiny_service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await rebuild(tiny_service, None, wet_run=True) == FAILED
    assert "migrate" in capsys.readouterr().out


async def test_rebuilds_under_load_even_given_up_lose_nothing(
    start_platform: StartPlatform,
) -> None:
    platform = await start_platform((tiny.SERVICE,), modules=tiny.MODULES, topics=tiny.TOPICS)
    service = tiny.beside(platform)
    enough = asyncio.Event()
    load = asyncio.create_task(_load(platform, enough))
    for patience_s in (0.3, 0.5, 0.7, 0.9, 5, 0.6, 0.8, 5):
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(_rebuilt(service), patience_s)
    enough.set()
    published = await load
    ended = await platform.run_command(tiny.SERVICE, "rebuild", "--wet-run")
    assert ended.exit_code == 0, ended.stderr
    database = platform.database(tiny.SERVICE)

    def state(collection: str) -> dict[str, tuple[int, int, int]]:
        return {
            row["_id"]: (row["seq"], row["total"], row.get("hundreds", 0))
            for row in database[collection].find({})
        }

    await eventually(
        lambda: database["inbox"].count_documents({}) == published, 30, "all commands handled"
    )
    await eventually(lambda: state(SEEN) == state("counters"), 30, "the copy is right")


async def _rebuilt(service: Service) -> int:
    return await rebuild(service, None, wet_run=True)


async def _load(platform: Platform, enough: asyncio.Event) -> int:
    """Publish until it is enough, never more than a few commands ahead of the service."""
    topic, total = platform.topic(tiny.COMMANDS), 0
    inbox = platform.database(tiny.SERVICE)["inbox"]
    while not enough.is_set():
        commands = {
            f"m{total + n}": tiny.AddToCounter(counter_id=f"k{(total + n) % 30}", amount=37)
            for n in range(40)
        }
        await platform.publish(tiny.commands_of(platform.settings.keys, topic, commands))
        total += len(commands)
        await eventually(_at_least(inbox, total - 200), 30, "commands handled")
    return total


def _at_least(collection: Collection[dict[str, Any]], count: int) -> Callable[[], bool]:
    return lambda: collection.count_documents({}) >= count
