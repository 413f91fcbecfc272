"""The Kafka door: polls go in, in order; bad records never stop good ones."""

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.contracts.topics import RECORD_BYTES, dead_letters_topic, refusals_topic, retry_topic
from shared.kafka.door import Entrance
from shared.kafka.intakes import PRINCIPAL, REPLAY_OF
from shared.mongo.projection import Projection
from shared.observability import metrics
from shared.security.macs import Macs
from shared.security.principal import ActorKind, Principal
from shared.security.tokens import TokenIssuer
from tests.harness.polling import eventually
from tests.harness.topics import Outgoing, Record
from tests.shared.in_process import Here
from tests.shared.kafka.record import RawRecord
from tests.shared.tiny import (
    ADD,
    AGENT,
    COMMANDS,
    COUNTERS,
    KEYS,
    SEEN,
    SERVICE,
    AddToCounter,
    CounterMoved,
    commands_of,
    fact_of,
)

DEADLINE_S = 20
DEAD_LETTERS = dead_letters_topic(SERVICE)
REFUSALS = refusals_topic(SERVICE)
RETRY = retry_topic(SERVICE)


def known() -> float:
    count: float = metrics.HANDLED.labels("known")._value.get()
    return count


# -- good and bad records on real servers ---------------------------------------------------------


def changed(record: Outgoing, **changes: Any) -> Outgoing:
    """A record with some headers otherwise (None leaves one out), or another `value`, `key`."""
    parts = {name: changes.pop(name) for name in ("value", "key") if name in changes}
    headers = {**dict(record.headers), **changes}
    kept = tuple((name, value) for name, value in headers.items() if value is not None)
    return dataclasses.replace(record, headers=kept, **parts)


def body(**more: Any) -> bytes:
    return json.dumps({"counter_id": "c1", "amount": 1, **more}).encode()


def bad_records(good: Outgoing) -> dict[str, list[Outgoing]]:
    """Reason → records that are parked for it."""
    cut, twice = b'{"counter_id": "c1", "am', b'{"counter_id": "c1", "amount": 1, "amount": 2}'
    deep = b'{"counter_id": "c1", "amount": 1, "x": ' + b"[" * 10_000 + b"]" * 10_000 + b"}"
    nan = b'{"counter_id": "c1", "amount": 1, "x": NaN}'
    huge = b'{"counter_id": "c1", "amount": ' + b"9" * 400 + b"}"
    nul = b'{"counter_id": "c1", "amount": 1, "x": "\\u0000"}'
    surrogate = b'{"counter_id": "c1", "amount": 1, "x": "\\ud800"}'
    largest = b'{"x": "' + b"a" * (RECORD_BYTES - 4_000) + b'"}'
    repeated = dataclasses.replace(good, headers=(*good.headers, ("ce_id", b"other")))
    null: Any = (*good.headers, ("x", None))
    return {
        "json_invalid": [changed(good, value=each) for each in (cut, twice, deep, nan, huge, nul)],
        "contract_broken": [
            changed(good, value=each)
            for each in (b'"text"', b'{"counter_id": "c1"}', body(amount="1"), surrogate)
        ],
        "body_empty": [changed(good, value=None), changed(good, value=b"")],
        "body_too_large": [changed(good, value=largest)],
        "version_unknown": [changed(good, ce_type=b"mcp.tiny.add_to_counter.v2")],
        "type_unknown": [changed(good, ce_type=b"mcp.tiny.unheard_of.v1")],
        "headers_invalid": [
            changed(good, x=b"\xff"),
            repeated,
            dataclasses.replace(good, headers=null),
        ],
        "headers_too_large": [
            changed(good, **{f"h{n}": b"" for n in range(1_000)}),
            changed(good, x=b"a" * 500_000),
        ],
        "envelope_incomplete": [
            changed(good, ce_id=None),
            dataclasses.replace(good, headers=(("a\x00b", b"1"), ("$c.d", b"2"))),
            Outgoing(good.topic, None, (), b""),
            Outgoing(good.topic, b"key only", (), None),
            Outgoing(good.topic, b"largest", (), b"x" * (RECORD_BYTES - 150)),
        ],
        "envelope_invalid": [changed(good, ce_id=b"a b")],
    }


def refused_records(good: Outgoing) -> dict[str, Outgoing]:
    """Code → record that is refused for it."""
    issuer = TokenIssuer(json.dumps(KEYS.signing))
    now = datetime.now(UTC)

    def token(audience: str, at: datetime) -> bytes:
        return f"Bearer {issuer.issue(AGENT, audience=audience, now=at)}".encode()

    return {
        "jeton_absent": changed(good, authorization=None),
        "jeton_invalide": changed(good, authorization="MCP-Own service:tiny:é".encode()),
        "jeton_expire": changed(good, authorization=token(COMMANDS, now - timedelta(hours=1))),
        "jeton_autre_destinataire": changed(
            good, authorization=token("mcp.identity.commands", now)
        ),
    }


async def test_bad_records_never_stop_good_ones(here: Here):
    """One partition, good records between all kinds of bad ones, each with one end."""
    topic = here.topic(COMMANDS)
    asked = {f"m{n}": AddToCounter(counter_id="c1", amount=1) for n in range(60)}
    goods = commands_of(KEYS, topic, asked)
    good = goods.pop()
    bad = [(why, record) for why, records in bad_records(good).items() for record in records]
    refused = list(refused_records(good).items())
    accepted = [
        changed(goods.pop(), value=body(unknown={"x": 1})),
        changed(goods.pop(), reply_to=here.topic(DEAD_LETTERS).encode()),
    ]
    odd = [record for _, record in (*bad, *refused)] + accepted
    mixed: list[Outgoing] = []
    for number, record in enumerate(odd):
        mixed += [record, goods[number]]
    rest = goods[len(odd) :]
    in_order = [dataclasses.replace(record, partition=0) for record in (*mixed, *rest)]
    effects = len(goods) + len(accepted)

    async with here.running():
        places = await here.publish(in_order)
        counters = here.database(SERVICE)["counters"]
        await eventually(lambda: counters.find_one({"total": effects}), DEADLINE_S, "good ones")
        await eventually(here.no_lag, DEADLINE_S, "offsets committed")
        assert counters.count_documents({}) == 1
        parked, refusals = await here.read(DEAD_LETTERS), await here.read(REFUSALS)

    where = {id(record): place for record, place in zip(in_order, places, strict=True)}
    expected = {where[id(in_order[2 * n])]: (why, record) for n, (why, record) in enumerate(bad)}
    assert len(parked) == len(bad)
    for letter in parked:
        assert letter.header("dl_topic") == COMMANDS
        place = int(letter.header("dl_partition") or ""), int(letter.header("dl_offset") or "")
        why, record = expected.pop(place)
        assert letter.header("dl_reason") == why
        assert letter.header("authorization") is None
        assert letter.key == record.key
        assert letter.value == record.value
    assert sorted(refusal.json()["code"] for refusal in refusals) == sorted(dict(refused))


async def test_a_dead_letter_lost_half_way_is_written_once_more_and_told_once(here: Here):
    """The same record polled twice, as after a crash before its offset was committed."""
    async with here.running() as runtime:
        await here.publish([Outgoing(here.topic(COMMANDS), b"c1", (), b"{", partition=0)])
        await eventually(lambda: _parked(here), DEADLINE_S, "the dead letter")
        door = runtime._doors(
            Entrance(runtime.committer, runtime.reader, runtime.faults, runtime.limit)
        )
        again = RawRecord(value=b"{", key=b"c1", partition=0, offset=0)
        await door[COMMANDS]([again])
        assert len(await here.read(DEAD_LETTERS)) == 1


async def _parked(here: Here) -> list[Record]:
    return await here.read(DEAD_LETTERS)


async def test_each_message_sent_three_times_has_one_effect_and_two_are_counted_as_known(
    here: Here,
):
    before = known()
    asked = {f"m{n}": AddToCounter(counter_id=f"c{n % 5}", amount=1) for n in range(100)}
    async with here.running():
        for _ in range(3):
            await here.ask(asked)
        await eventually(here.no_lag, DEADLINE_S, "offsets committed")
        await eventually(lambda: known() == before + 200, DEADLINE_S, "repeats counted")
        counters = here.database(SERVICE)["counters"].find()
        assert [each["total"] for each in counters] == [20] * 5
        assert len({fact.header("ce_id") for fact in await here.read(COUNTERS)}) == 100


async def test_a_mended_dead_letter_is_replayed_in_the_name_of_who_sent_it(here: Here):
    (record,) = commands_of(
        KEYS, here.topic(COMMANDS), {"m1": AddToCounter(counter_id="c1", amount=1)}
    )
    async with here.running():
        await here.publish([changed(record, value=body(amount="one"))])
        (letter,) = await eventually(lambda: _parked(here), DEADLINE_S, "the dead letter")
        kept = {name: value for name, value in letter.headers if not name.startswith("dl_")}
        assert PRINCIPAL in kept
        place = f"{letter.header('dl_topic')}/0/{letter.header('dl_offset')}"
        mended = (*kept.items(), (REPLAY_OF, place.encode()))
        replay = Outgoing(here.topic(RETRY), letter.key, mended, body(amount=7))
        await here.publish([replay, replay])
        counters = here.database(SERVICE)["counters"]
        await eventually(lambda: counters.find_one({"total": 7}), DEADLINE_S, "its effect")
        await eventually(lambda: here.no_lag(RETRY), DEADLINE_S, "both replays handled")
        assert counters.count_documents({"total": 7}) == 1
        assert here.database(SERVICE)["inbox"].count_documents({"status": "done"}) == 1


async def test_a_replay_that_nobody_can_place_is_parked_as_a_record_of_the_retry_topic(here: Here):
    async with here.running():
        sealed = Macs(KEYS.hmac[SERVICE]).seal_principal(AGENT, "m1").encode()
        lost: list[tuple[str, bytes]] = [("x", b"1"), (REPLAY_OF, b"mcp.unknown/0/1")]
        records = [
            Outgoing(here.topic(RETRY), b"c1", ((PRINCIPAL, sealed), header), b"{}", partition=0)
            for header in lost
        ]
        await here.publish(records)
        await eventually(lambda: here.no_lag(RETRY), DEADLINE_S, "handled")
        letters = await here.read(DEAD_LETTERS)
        assert [letter.header("dl_topic") for letter in letters] == [RETRY, RETRY]
        assert {letter.header("dl_reason") for letter in letters} == {"replay_without_origin"}


async def test_a_fact_that_cannot_be_copied_is_parked_alone_and_the_others_are_copied(here: Here):
    def copy(fact: Any) -> tuple[str, dict[str, Any]]:
        if fact.total == 13:
            raise ValueError("a bug of the projection")
        return fact.counter_id, {"total": fact.total}

    projection = Projection(
        collection=SEEN.collection,
        topic=COUNTERS,
        owner=SERVICE,
        facts=(CounterMoved,),
        document=copy,
    )
    facts = [
        fact_of(here.topic(COUNTERS), CounterMoved(counter_id=f"c{n}", total=n), f"f{n}", 1)
        for n in range(20)
    ]
    await here.publish(facts)
    async with here.running(here.service(projections=(projection,))):
        seen = here.database(SERVICE)["counters_seen"]
        await eventually(lambda: seen.count_documents({}) == 19, DEADLINE_S, "the others")
        await eventually(lambda: here.no_lag(COUNTERS), DEADLINE_S, "offsets committed")
        (letter,) = await here.read(DEAD_LETTERS)
        assert letter.header("dl_reason") == "bug"
        assert letter.json()["total"] == 13


async def test_order_is_kept_per_aggregate_over_polls(here: Here):
    count = 700  # more than one poll
    asked = {f"m{n}": AddToCounter(counter_id=f"c{n % 3}", amount=1) for n in range(count)}
    await here.ask(asked)
    async with here.running():
        follower = await here.follow(COUNTERS)
        moves = await follower.wait_for_many(
            lambda record: record.header("ce_type") == CounterMoved.TYPE, count, DEADLINE_S
        )
    for counter in ("c0", "c1", "c2"):
        told = [record for record in moves if record.key == counter.encode()]
        totals = [record.json()["total"] for record in told]
        assert totals == list(range(1, len(told) + 1))
        sequences = [int(record.header("ce_sequence") or "") for record in told]
        assert sequences == sorted(set(sequences))


async def test_who_asks_is_what_the_decision_sees(here: Here):
    partner = Principal(ActorKind.PARTENAIRE, "p-1")
    seen: list[Principal] = []

    def decide(request: Any, state: Any) -> Any:
        seen.append(request.principal)
        return ADD.decide(request, state)

    use_case = dataclasses.replace(ADD, decide=decide)
    async with here.running(here.service(commands=(use_case,))):
        await here.ask({"m1": AddToCounter(counter_id="c1", amount=1)}, partner)
        await eventually(lambda: seen, DEADLINE_S, "decided")
    assert seen == [partner]
