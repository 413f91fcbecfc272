"""From an account that is asked for to its two mails in the mail sink: the whole platform."""

import asyncio
import json
import random
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from bench.accounts import creation_records, draw_users, issue_token, mail_of
from bench.cpu import Cores, CpuWatch, say_cores
from bench.entitled import entitled_platform
from bench.figures import Figure, against_limit
from bench.lanes import signing_key_of
from bench.scale import Scale
from bench.stage import OurRunner, Stage
from bench.timing import percentile
from bench.wire import Unfinished
from deploy.local.smtp_sink import SmtpSink
from shared.contracts.identity_commands import COMMANDS
from tests.harness.platform import Platform, random_name
from tests.harness.polling import eventually

RATE = 10
P95_MS = 2_000.0
"""The 95th percentile must not be above, at so many accounts a second (ADR-0002)."""
MAILS = 2
"""Of each account: one with the identifiant, one with the temporary password [seed 002]."""
LAST_S = 30.0
"""How long the last mails may take (assumed)."""
SERVICES = ("identity", "notifications")

Moments = dict[str, float]
"""Address → seconds of the machine's clock, which the sink dates mails with too."""


async def measure(stage: Stage, scale: Scale) -> list[Figure]:
    """One process of identity and one of notifications, accounts asked for at a steady pace."""
    with SmtpSink(stage.servers.directory / f"sink-{random_name()}") as sink:
        environment = {"notifications": {"NOTIFICATIONS_SMTP_URL": sink.address}}
        async with (
            entitled_platform(stage, SERVICES, environment=environment) as platform,
            _running(platform) as runners,
        ):
            await _asked(platform, sink, scale.warm_up_s)
            sink.forget()
            pids = {service: [each.pid] for service, each in runners.items()}
            watch = CpuWatch(pids | stage.server_pids() | {"puits SMTP": [sink.pid]})
            sent = await _asked(platform, sink, scale.mailed_s)
            cores = watch.cores()
        latencies = waits(sent, sink.mails_file.read_text())
    return [_figure(stage, scale, latencies, cores)]


@asynccontextmanager
async def _running(platform: Platform) -> AsyncIterator[dict[str, OurRunner]]:
    runners = {service: OurRunner(platform.new_replica(service)) for service in SERVICES}
    try:
        for runner in runners.values():
            await runner.start()
        yield runners
    finally:
        for runner in runners.values():
            await runner.stop()


async def _asked(platform: Platform, sink: SmtpSink, seconds: float) -> Moments:
    """Ask for accounts for so long, wait for their mails; when each was asked for."""
    users = draw_users(max(1, int(RATE * seconds)))
    token = issue_token(signing_key_of(platform))
    publisher = await platform.publisher()
    chance = random.Random(users[0])  # irregular as people are, never in step with a timer
    before, sent = sink.count(), Moments()
    loop = asyncio.get_running_loop()
    due = loop.time()
    records = creation_records(platform.topic(COMMANDS), users, token)
    for user, record in zip(users, records, strict=True):
        due += chance.uniform(0.5, 1.5) / RATE
        await asyncio.sleep(max(0.0, due - loop.time()))
        sent[mail_of(user)] = datetime.now(UTC).timestamp()
        await publisher.publish(record)
    wanted = before + MAILS * len(users)
    await eventually(lambda: sink.count() >= wanted, LAST_S, f"{wanted} mails")
    return sent


def waits(sent: Moments, mails: str) -> list[float]:
    """Milliseconds from each account to its second mail; `mails` is what the sink wrote.

    Raises `Unfinished` unless everybody got two mails and nobody else any.
    """
    arrived: dict[str, list[float]] = defaultdict(list)
    for line in mails.splitlines():
        mail = json.loads(line)
        (recipient,) = mail["recipients"]
        arrived[recipient].append(datetime.fromisoformat(mail["received_at"]).timestamp())
    if wrong := {each for each in sent.keys() | arrived.keys() if len(arrived[each]) != MAILS}:
        raise Unfinished(f"{len(wrong)} of {len(sent)} people did not get {MAILS} mails each")
    return [(max(arrived[address]) - at) * 1e3 for address, at in sent.items()]


def _figure(stage: Stage, scale: Scale, latencies: list[float], cores: Cores) -> Figure:
    middle, last = percentile(latencies, 0.5), max(latencies)
    return against_limit(
        "account_to_mails_p95",
        [percentile(latencies, 0.95)],
        P95_MS,
        "ms",
        broker=stage.broker,
        notes=[
            f"{RATE} commandes CreateUser par seconde pendant {scale.mailed_s:.0f} s.",
            f"Médiane {middle:.0f} ms, le plus long {last:.0f} ms.",
            f"Cœurs occupés : {say_cores([cores])}.",
        ],
    )
