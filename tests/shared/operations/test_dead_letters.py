"""Dead letters are listed, shown, and put back into play, with one effect."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from shared.contracts.topics import dead_letters_topic
from shared.operations.dead_letters import list_all, replay, show
from shared.operations.endings import DONE, FAILED, MISUSED
from shared.operations.mending import Mended
from shared.service import Service
from tests.harness.fixtures import StartPlatform
from tests.harness.platform import Completed, Platform
from tests.harness.polling import eventually
from tests.harness.topics import Kafka, Outgoing, Publisher, Record
from tests.shared import tiny

pytestmark = pytest.mark.connected

SECRET = "Zélie-42"
DEADLINE_S = 20


async def start(start_platform: StartPlatform) -> Platform:
    return await start_platform((tiny.SERVICE,), modules=tiny.MODULES, topics=tiny.TOPICS)


async def ask(platform: Platform, *arguments: str) -> Completed:
    return await platform.run_command(tiny.SERVICE, "dead-letters", *arguments)


async def parked(platform: Platform, count: int) -> list[Record]:
    follower = await platform.follow(dead_letters_topic(tiny.SERVICE))
    return await follower.wait_for_many(lambda _: True, count, DEADLINE_S, "dead letters")


def place(record: Record) -> str:
    return "/".join(record.header(f"dl_{part}") or "" for part in ("topic", "partition", "offset"))


async def again(platform: Platform, letter: Record, mended: Mended) -> None:
    assert await replay(tiny.beside(platform), place(letter), mended, wet_run=True) == DONE


def bad_command(platform: Platform, id: str = "m1") -> Outgoing:
    command = {id: tiny.AddToCounter(counter_id="a", amount=30)}
    topic = platform.topic(tiny.COMMANDS)
    (record,) = tiny.commands_of(platform.settings.keys, topic, command)
    body = json.dumps({"counter_id": SECRET, "amount": "trente"}).encode()
    return Outgoing(topic, b"a", record.headers, body)


async def test_mended_command_has_one_effect_however_often_it_is_replayed(
    start_platform: StartPlatform, tmp_path: Path
) -> None:
    platform = await start(start_platform)
    await platform.publish([bad_command(platform)])
    (letter,) = await parked(platform, 1)
    body = tmp_path / "body.json"
    body.write_bytes(tiny.AddToCounter(counter_id="a", amount=30).to_json())
    dry = await ask(platform, "replay", place(letter), "--body", str(body))
    assert dry.exit_code == 0, dry.stderr
    assert "Rien n’a été rejoué" in dry.stdout
    done = await ask(platform, "replay", place(letter), "--body", str(body), "--wet-run")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith(f"Rejoué : {place(letter)}")
    await again(platform, letter, Mended.of(str(body), [], None))
    after = tiny.commands_of(
        platform.settings.keys,
        platform.topic(tiny.COMMANDS),
        {"m2": tiny.AddToCounter(counter_id="a", amount=1)},
    )
    await platform.publish(after)
    counters = platform.database(tiny.SERVICE)["counters"]
    await eventually(lambda: counters.count_documents({"total": 31}), DEADLINE_S, "one effect")
    await eventually(_nothing_left(platform), DEADLINE_S, "all replays handled")
    assert counters.count_documents({"total": 31, "seq": 2}) == 1
    assert len(await platform.read(dead_letters_topic(tiny.SERVICE))) == 1


async def test_what_was_replayed_in_vain_can_be_mended_again(start_platform: StartPlatform) -> None:
    platform = await start(start_platform)
    topic = platform.topic(tiny.COUNTERS)
    good = tiny.fact_of(topic, tiny.CounterMoved(counter_id="a", total=7), "f1", 1)
    await platform.publish([Outgoing(topic, good.key, good.headers, b"{}")])
    (first,) = await parked(platform, 1)
    await again(platform, first, Mended())
    second = next(r for r in await parked(platform, 2) if place(r) != place(first))
    assert second.header("mcp_replay_of") == place(first)
    await again(platform, second, Mended(good.value))
    seen = platform.database(tiny.SERVICE)["counters_seen"]
    await eventually(
        lambda: seen.find_one({"_id": "a"}) == {"_id": "a", "total": 7, "seq": 1},
        DEADLINE_S,
        "the mended fact",
    )


async def test_command_without_an_envelope_gets_one_and_an_actor(
    start_platform: StartPlatform, capsys: pytest.CaptureFixture[str]
) -> None:
    platform = await start(start_platform)
    command = tiny.AddToCounter(counter_id="a", amount=30)
    headers = tuple(pair for pair in tiny.envelope(command, "m1") if pair[0] != "ce_id")
    await platform.publish(
        [Outgoing(platform.topic(tiny.COMMANDS), b"a", headers, command.to_json())]
    )
    (letter,) = await parked(platform, 1)
    unsaid = Mended.of(None, ["ce_id=m5"], None)
    service = tiny.beside(platform)
    assert await replay(service, place(letter), unsaid, wet_run=True) == MISUSED
    assert "--principal" in capsys.readouterr().out
    await again(platform, letter, Mended.of(None, ["ce_id=m5"], "agent_caf:agent-7"))
    counters = platform.database(tiny.SERVICE)["counters"]
    await eventually(lambda: counters.count_documents({"total": 30}), DEADLINE_S, "the effect")


async def test_list_and_show_tell_an_operator_what_a_log_must_not(
    start_platform: StartPlatform, capsys: pytest.CaptureFixture[str]
) -> None:
    platform = await start(start_platform)
    service = tiny.beside(platform)
    assert await list_all(service) == DONE
    assert capsys.readouterr().out == "Aucun rebut.\n"
    moved = tiny.CounterMoved(counter_id="a", total=1)
    fact = tiny.fact_of(platform.topic(tiny.COUNTERS), moved, "f1", 1)
    odd = Outgoing(fact.topic, fact.key, (*fact.headers, ("x", b"\xff")), SECRET.encode())
    await platform.publish([bad_command(platform), odd])
    letters = await parked(platform, 2)
    assert await list_all(service) == DONE
    listed = capsys.readouterr().out
    for text in (
        *map(place, letters), "contract_broken", "headers_invalid", tiny.AddToCounter.TYPE, "m1",
        "Rebuts : 2",
    ):  # fmt: skip
        assert text in listed
    assert SECRET not in listed
    command = next(letter for letter in letters if letter.header("dl_reason") == "contract_broken")
    shown = await ask(platform, "show", place(command))
    assert shown.exit_code == 0, shown.stderr
    document = json.loads(shown.stdout)
    assert (document["id"], document["reason"]) == (place(command), "contract_broken")
    assert document["principal"] == "agent_caf:agent-1"
    assert json.loads(document["body"])["counter_id"] == SECRET
    assert document["headers"]["ce_id"] == "m1"
    assert "authorization" not in document["headers"]
    assert SECRET not in shown.stderr + platform.replica(tiny.SERVICE).process.tail()


async def test_unknown_dead_letter_is_told(
    tiny_service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = f"{tiny.COMMANDS}/0/99"
    assert await show(tiny_service, nowhere) == FAILED
    assert await replay(tiny_service, nowhere, Mended(), wet_run=True) == FAILED
    assert capsys.readouterr().out.count(f"Aucun rebut « {nowhere} »") == 2
    assert await show(tiny_service, "m1") == MISUSED
    assert await replay(tiny_service, nowhere, Mended(misuse="Non."), wet_run=True) == MISUSED


async def test_what_a_sender_wrote_cannot_command_the_terminal(
    tiny_service: Service, kafka: Kafka, capsys: pytest.CaptureFixture[str]
) -> None:
    noted = {"dl_topic": tiny.COMMANDS, "dl_partition": "0", "dl_offset": "1", "dl_reason": "r"}
    evil = "\x1b[2J\n\u202eforged"
    headers = {**noted, "ce_type": evil, "ce_id": evil, "x": "\x9b31m"}
    raw = tuple((name, value.encode()) for name, value in headers.items())
    topic = tiny_service.settings.topic_prefix + dead_letters_topic(tiny.SERVICE)
    async with Publisher(kafka) as publisher:
        await publisher.publish(Outgoing(topic, b"a", raw, evil.encode()))
        await publisher.publish(Outgoing(topic, b"a", (), b"no dead letter"))
    assert await list_all(tiny_service) == DONE
    listed = capsys.readouterr().out
    assert await show(tiny_service, f"{tiny.COMMANDS}/0/1") == DONE
    shown = capsys.readouterr().out
    for character in ("\x1b[2J", "\u202e", "\x9b"):
        assert character not in listed + shown
    assert json.loads(shown)["body"] == evil
    assert "Rebuts : 1" in listed


def _nothing_left(platform: Platform) -> Callable[[], Awaitable[bool]]:
    async def handled() -> bool:
        retry = f"mcp.{tiny.SERVICE}.retry"
        return await platform.lag(tiny.group(retry), retry) == 0

    return handled
