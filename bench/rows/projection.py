"""Projection of facts: notifications' copy of what identity tells, beside a bare bulk loop."""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from bench.accounts import draw_users
from bench.cpu import CpuWatch
from bench.figures import Figure, compare
from bench.rounds import Measured, alternate, cores_notes
from bench.scale import Scale
from bench.stage import OurRunner, Runner, Stage, frozen
from bench.timing import curve_rate
from shared.contracts.identity import PasswordChanged
from shared.contracts.topics import USER_LIFECYCLE, group_of
from shared.ids import draw_id
from shared.path.rows import cloud_event, moment, source_of
from tests.harness.topics import Outgoing

BAR = 0.7
"""ADR-0002."""
DEADLINE_S = 120.0


@dataclass(frozen=True)
class Copier:
    """A process that copies facts of a topic into its store."""

    label: str
    stage: Stage
    runner: Runner
    topic: str
    group: str


async def measure(stage: Stage, scale: Scale) -> list[Figure]:
    """One process of notifications beside one bare loop; every fact is another person's."""
    async with stage.platform(("notifications",)) as platform:
        prefix = platform.settings.prefix
        group = prefix + group_of("notifications", USER_LIFECYCLE)
        ours = OurRunner(platform.new_replica("notifications"))
        (topic,) = await stage.bare_topics("facts")
        database = stage.bare_database()
        database.create_collection("destinataires")
        bare = stage.bare("projection", database=database.name, source=topic, group=f"{topic}.loop")
        a, b = await alternate(
            scale.rounds,
            partial(
                _round, Copier("notifications", stage, ours, prefix + USER_LIFECYCLE, group), scale
            ),
            partial(_round, Copier("boucle nue", stage, bare, topic, f"{topic}.loop"), scale),
        )
    return [
        compare(
            "projection",
            a.values,
            b.values,
            "faits/s",
            bar=BAR,
            broker=stage.broker,
            notes=[
                f"{scale.facts} faits PasswordChanged d’autant de personnes par manche.",
                *cores_notes(a, b),
            ],
        )
    ]


def fact_records(topic: str, count: int) -> Iterable[Outgoing]:
    """One PasswordChanged for each of so many invented people, as identity publishes them."""
    now = datetime.now(UTC)
    for user_id in draw_users(count):
        fact = PasswordChanged(user_id=user_id, convention_id="19_214", generation=1, at=now)
        headers = cloud_event(
            id=draw_id(),
            type=fact.TYPE,
            source=source_of("identity"),
            subject=user_id,
            at=moment(now),
            correlation_id=user_id,
            cause=user_id,
        )
        headers["ce_sequence"] = f"{1:010}"
        encoded = tuple((name, value.encode()) for name, value in headers.items())
        yield Outgoing(topic, user_id.encode(), encoded, fact.to_json())


async def _round(copier: Copier, scale: Scale) -> Measured[float]:
    """Facts per second of one round: a fresh process, warmed up, before a loaded topic."""
    wire, runner = copier.stage.wire, copier.runner
    await runner.start()
    try:
        await wire.until_no_lag(copier.group, copier.topic)
        wire.load(fact_records(copier.topic, scale.warm_up))
        await wire.until_no_lag(copier.group, copier.topic)
        records = list(fact_records(copier.topic, scale.facts))
        with closing(wire.committed(copier.group, copier.topic)) as looking:
            before = looking.total()
            with frozen([runner]):
                wire.load(records)
            watch = CpuWatch({copier.label: [runner.pid]} | copier.stage.server_pids())
            points = await looking.curve(before + scale.facts, DEADLINE_S)
            cores = watch.cores()
        counted = [(at, committed - before) for at, committed in points]
        return Measured(curve_rate(counted, scale.facts), cores)
    finally:
        await runner.stop()
