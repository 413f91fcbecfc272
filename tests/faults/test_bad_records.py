"""Bad records never stop good ones, each ends where it should, and a mended one can go through."""

import asyncio
import json
import time
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest
from aiokafka import AIOKafkaProducer
from prometheus_client.parser import text_string_to_metric_families

from deploy.local.keys import signing_key
from shared.contracts.identity import SERVICE, UserUpdated
from shared.contracts.identity_commands import COMMANDS, ModifyUser
from shared.contracts.topics import (
    CREDENTIALS,
    DEAD_LETTER_BYTES,
    MAIL_DELIVERIES,
    TOPICS,
    USER_LIFECYCLE,
    dead_letters_topic,
    group_of,
)
from shared.ids import derive_id, draw_id
from shared.kafka.intakes import command_inbox_id
from shared.security.tokens import TokenIssuer
from tests.faults.accounts import Accounts
from tests.faults.bad_records import BadKind, kinds, odd_batch
from tests.faults.conftest import Report
from tests.faults.evidence import Asked, gather
from tests.faults.ledger import settle
from tests.faults.load import Load, headers_of
from tests.faults.outcomes import origin_of
from tests.faults.subject import AGENT
from tests.faults.test_outages import at_rest
from tests.faults.watching import resident_mib, until_ready
from tests.harness.fixtures import StartPlatform
from tests.harness.platform import Platform
from tests.harness.polling import eventually
from tests.harness.replica import Replica
from tests.harness.topics import Outgoing, Record

GOOD = 1_000
ACCOUNTS = 100
GROWTH_MIB = 50.0
AT_REST_S = 10.0
IGNORED = 7

pytestmark = pytest.mark.timeout(150)


class Senders:
    """Makes records as another system would, and notes what is due to come of each."""

    def __init__(self, platform: Platform, load: Load) -> None:
        self.platform = platform
        self.load = load
        self.records: list[Outgoing] = []
        self.due: list[tuple[str, str, str, BadKind | None]] = []

    def add(self, bad: BadKind | None = None) -> None:
        """One more record, good or spoiled."""
        number = len(self.records)
        user_id, telephone = f"compte-{number % ACCOUNTS}", f"02{number:08}"
        id = draw_id()
        command = ModifyUser(user_id=user_id, telephone=telephone)
        record = Outgoing(
            self.platform.topic(COMMANDS),
            user_id.encode(),
            headers_of(command, id, self.load.token()),
            command.to_json(),
        )
        self.records.append(record if bad is None else bad.change(record))
        self.due.append((id, user_id, telephone, bad))

    async def publish(self) -> list[Asked]:
        """Publish them all; what the ledger must find."""
        async with AIOKafkaProducer(
            bootstrap_servers=self.platform.kafka.bootstrap,
            max_request_size=2 * DEAD_LETTER_BYTES,
            enable_idempotence=True,
        ) as producer:
            futures = [
                await producer.send(
                    each.topic, each.value, key=each.key, headers=list(each.headers)
                )
                for each in self.records
            ]
            places = [await future for future in futures]
        return [
            _asked(*due, f"{place.partition}/{place.offset}")
            for due, place in zip(self.due, places, strict=True)
        ]


def _asked(id: str, user_id: str, telephone: str, bad: BadKind | None, place: str) -> Asked:
    if bad is None or bad.outcome == "done":
        return Asked(
            cause=id,
            inbox_id=command_inbox_id(SERVICE, AGENT, id),
            aggregate=f"comptes/{user_id}",
            facts=(UserUpdated.TYPE,),
            tells={"telephone": telephone},
        )
    if bad.outcome == "refused":
        inbox_id = derive_id("unverified", COMMANDS, place)
        return Asked(cause=id, inbox_id=inbox_id, outcome="refused", code=bad.code)
    origin = f"{COMMANDS}/{place}"
    return Asked(cause=origin, inbox_id=f"dl/{origin}", outcome="dead", code=bad.code)


async def test_every_bad_kind_among_good_records(
    start_platform: StartPlatform, report: Report, tmp_path: Path
) -> None:
    platform = await start_platform(
        (SERVICE,),
        modules={SERVICE: ("tests.faults.counting", SERVICE)},
        topics=TOPICS.values(),
    )
    replica = platform.replica(SERVICE)
    load = await Load.on(Accounts(platform), ACCOUNTS)
    await load.publish(publishers=5, commands=200, per_second=1_000)
    await at_rest(platform, AT_REST_S)
    before_mib = resident_mib(replica)
    senders = Senders(platform, load)
    stranger = TokenIssuer(json.dumps(signing_key()))
    issuer = TokenIssuer(json.dumps(platform.settings.keys.signing))
    bad = kinds(stranger, issuer, reply_to=platform.topic(MAIL_DELIVERIES))
    every = GOOD // len(bad)
    for kind in bad.values():
        for _ in range(every):
            senders.add()
        senders.add(kind)
    for _ in range(GOOD - every * len(bad)):
        senders.add()
    asked = await senders.publish()
    rest_s = await at_rest(platform, AT_REST_S)
    growth_mib = resident_mib(replica) - before_mib
    evidence = await gather(platform, [*load.asked, *asked])
    ledger = settle(evidence)
    report(f"at rest after {rest_s:.1f} s, memory grew by {growth_mib:.0f} MiB\n{ledger.summary()}")
    assert ledger.clean, ledger.summary()
    assert ledger.counts["dead letters"] == sum(kind.outcome == "dead" for kind in bad.values())
    assert growth_mib < GROWTH_MIB
    assert not await platform.read(MAIL_DELIVERIES)
    _check_decided(replica, senders)
    _check_whole(evidence.dead_letters, asked, senders.records)
    await until_ready(replica, ready=True, deadline_s=5.0)
    place = next(i for i, due in enumerate(senders.due) if due[3] is bad["missing field"])
    replayed = await _replay(platform, senders, place, asked[place].cause, tmp_path)
    await at_rest(platform, AT_REST_S)
    ledger = settle(await gather(platform, [*load.asked, *asked, replayed]))
    assert ledger.clean, ledger.summary()


def _check_decided(replica: Replica, senders: Senders) -> None:
    """No bad record was ever decided, each good one was."""
    decided = {line["id"] for line in replica.log_lines() if line.get("event") == "decided"}
    for id, _, _, bad in senders.due:
        assert (id in decided) is (bad is None or bad.outcome == "done"), (id, bad)


def _check_whole(letters: Sequence[Record], asked: list[Asked], sent: list[Outgoing]) -> None:
    """A dead letter is its record, whole, without its token."""
    bodies = {each.cause: record.value for each, record in zip(asked, sent, strict=True)}
    for letter in letters:
        assert letter.value == bodies[origin_of(letter)]
        assert "authorization" not in {name.lower() for name, _ in letter.headers}


async def _replay(
    platform: Platform, senders: Senders, place: int, origin: str, folder: Path
) -> Asked:
    """Mend a record that lacked a field and put it back, twice: one effect."""
    id, user_id, telephone, _ = senders.due[place]
    body = folder / "mended.json"
    body.write_bytes(ModifyUser(user_id=user_id, telephone=telephone).to_json())
    listed = await platform.run_command(SERVICE, "dead-letters", "list")
    assert origin in listed.stdout, listed.stderr
    shown = await platform.run_command(SERVICE, "dead-letters", "show", origin)
    assert "contract_broken" in shown.stdout, shown.stderr
    replay = ("dead-letters", "replay", origin, "--body", str(body))
    dry = await platform.run_command(SERVICE, *replay)
    assert dry.exit_code == 0, dry.stderr
    for _ in range(2):
        done = await platform.run_command(SERVICE, *replay, "--wet-run")
        assert done.exit_code == 0, done.stderr
    mended = BadKind(lambda record: record, "done")
    return _asked(id, user_id, telephone, mended, "")


async def test_header_name_that_is_no_text_loses_no_other_record(
    start_platform: StartPlatform,
) -> None:
    """The client library fails on it, after it took in records of other partitions (F3's kin)."""
    platform = await start_platform((SERVICE,))
    load = await Load.on(Accounts(platform), ACCOUNTS)
    platform.kill(SERVICE)
    await load.publish(publishers=2, commands=200, per_second=5_000)
    odd = await _publish_odd_names(platform, load)
    await load.publish(publishers=2, commands=400, per_second=5_000)
    named = [name for record in await platform.read(COMMANDS) for name, _ in record.headers]
    assert named.count(r"odd\xff\xfe") == len(odd)
    await platform.restart(SERVICE)
    await at_rest(platform, AT_REST_S)
    ledger = settle(await gather(platform, [*load.asked, *odd]))
    assert ledger.clean, ledger.summary()


async def _publish_odd_names(platform: Platform, load: Load) -> list[Asked]:
    """Good commands with one odd header name, one on each partition, each on its own account."""
    asked: list[Asked] = []
    async with AIOKafkaProducer(bootstrap_servers=platform.kafka.bootstrap) as producer:
        for partition in range(TOPICS[COMMANDS].partitions):
            id, user_id, telephone = draw_id(), f"compte-{partition}", f"03{partition:08}"
            command = ModifyUser(user_id=user_id, telephone=telephone)
            batch = producer.create_batch()
            batch._builder = odd_batch(
                headers_of(command, id, load.token()), user_id.encode(), command.to_json()
            )
            batch._relative_offset = 1
            topic = platform.topic(COMMANDS)
            await (await producer.send_batch(batch, topic, partition=partition))
            asked.append(_asked(id, user_id, telephone, None, ""))
    return asked


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
async def test_compressed_commands_are_read(start_platform: StartPlatform, codec: str) -> None:
    """Senders choose their compression: one that the service cannot read would stop a partition."""
    if codec != "gzip":
        pytest.importorskip("cramjam")
    from confluent_kafka import Producer

    platform = await start_platform((SERVICE,))
    load = await Load.on(Accounts(platform), ACCOUNTS)
    senders = Senders(platform, load)
    for _ in range(50):
        senders.add()
    producer = Producer(
        {"bootstrap.servers": platform.kafka.bootstrap, "compression.type": codec, "linger.ms": 50}
    )
    for record in senders.records:
        producer.produce(record.topic, record.value, key=record.key, headers=list(record.headers))
    await asyncio.to_thread(producer.flush, 10)
    await at_rest(platform, AT_REST_S)
    asked = [_asked(*due, "") for due in senders.due]
    ledger = settle(await gather(platform, asked))
    assert ledger.clean, ledger.summary()


async def test_too_many_dead_letters_stop_the_service_until_it_is_started_again(
    start_platform: StartPlatform,
) -> None:
    limit = {SERVICE: {"IDENTITY_DEAD_LETTER_LIMIT": "20"}}
    platform = await start_platform((SERVICE,), environment=limit)
    replica = platform.replica(SERVICE)
    load = await Load.on(Accounts(platform), ACCOUNTS)
    senders = Senders(platform, load)
    for _ in range(25):
        senders.add(
            BadKind(
                lambda record: Outgoing(record.topic, record.key, record.headers, b"{"),
                "dead",
                "json_invalid",
            )
        )
    asked = await senders.publish()
    await until_ready(replica, ready=False, deadline_s=AT_REST_S)
    await load.publish(publishers=2, commands=50, per_second=1_000)
    started = time.monotonic()
    while time.monotonic() - started < 2:
        assert await platform.lag(group_of(SERVICE, COMMANDS), COMMANDS) >= 50
    await platform.restart(SERVICE)
    await at_rest(platform, AT_REST_S)
    ledger = settle(await gather(platform, [*asked, *load.asked]))
    assert ledger.clean, ledger.summary()


async def test_unknown_facts_are_counted_and_ignored(start_platform: StartPlatform) -> None:
    platform = await start_platform(("notifications",))
    base = {
        "ce_specversion": "1.0",
        "ce_source": "/mcp/identity",
        "ce_type": "mcp.identity.user_flew.v1",
        "ce_sequence": "1",
        "content-type": "application/json",
    }
    records = [
        Outgoing(
            platform.topic(topic),
            b"k",
            tuple((n, v.encode()) for n, v in {**base, "ce_id": draw_id()}.items()),
            b"{}",
        )
        for topic in (CREDENTIALS, USER_LIFECYCLE)
        for _ in range(IGNORED)
    ]
    before = await _metric(platform.replica("notifications"), "mcp_facts_ignored_total")
    await platform.publish(records)

    async def counted() -> bool:
        now = await _metric(platform.replica("notifications"), "mcp_facts_ignored_total")
        return now - before == 2 * IGNORED

    await eventually(counted, AT_REST_S, "every unknown fact counted")
    for topic in (CREDENTIALS, USER_LIFECYCLE):

        async def no_lag(topic: str = topic) -> bool:
            return await platform.lag(group_of("notifications", topic), topic) == 0

        await eventually(no_lag, AT_REST_S, f"lag 0 on {topic}")
    assert await platform.read(dead_letters_topic("notifications")) == []


async def _metric(replica: Replica, name: str) -> float:
    async with httpx.AsyncClient() as http:
        text = (await http.get(f"{replica.url}/metrics")).text
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name
    )
