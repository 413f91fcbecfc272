"""Ways for commands: a service with all its rules, and the bare loop."""

import json
import signal
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bench.accounts import AUDIENCE, Accounts, issue_token
from bench.appartenances import Appartenances
from bench.cpu import CpuWatch
from bench.rounds import Measured
from bench.stage import OurRunner, Runner, Stage, frozen
from bench.timing import middle_rate
from bench.wire import Unfinished
from shared.contracts.topics import ROLE_ASSIGNMENTS, USER_LIFECYCLE, commands_topic, group_of
from tests.harness.platform import Platform
from tests.harness.topics import Outgoing

DEADLINE_S = 180.0


class Work(Protocol):
    """What a round is made of: documents that are there, one command about each, one fact."""

    def seed(self, many: int) -> list[str]:
        """Put fresh documents into the store; ids that tell them."""

    def records(self, topic: str, ids: Sequence[str], token: str) -> Iterable[Outgoing]:
        """The commands."""

    def keys(self, ids: Sequence[str]) -> list[str]:
        """The keys of the facts that must come of them."""


@dataclass(frozen=True)
class Lane:
    """Where commands go in, where facts come out, and who works in between."""

    label: str
    stage: Stage
    runners: Sequence[Runner]
    commands: str
    facts: str
    group: str
    work: Work
    signing_key: str
    audience: str = AUDIENCE

    async def open(self) -> None:
        """Start the processes one after the other."""
        for runner in self.runners:
            await runner.start()

    async def close(self) -> None:
        """Stop them."""
        for runner in self.runners:
            runner.send(signal.SIGCONT)
            await runner.stop()

    def pids(self) -> dict[str, list[int]]:
        """Who works during a round: this lane and the servers."""
        if len(self.runners) == 1:
            own = {self.label: [self.runners[0].pid]}
        else:
            own = {f"{self.label} {n}": [each.pid] for n, each in enumerate(self.runners, 1)}
        return own | self.stage.server_pids()

    def seed(self, count: int) -> list[str]:
        """What a round works on; ids that tell them apart."""
        return self.work.seed(count)

    async def feed(self, count: int) -> Measured[float]:
        """One command about each of so many documents, loaded before the processes see any.

        The rate is over the moments when the broker took the facts.
        """
        ids = self.seed(count)
        token = issue_token(self.signing_key, audience=self.audience)
        records = self.work.records(self.commands, ids, token)
        return await self.carry(self.work.keys(ids), records)

    async def carry(self, keys: Sequence[str], commands: Iterable[Outgoing]) -> Measured[float]:
        """One command for each of these keys, as `feed` does; one fact must come of each."""
        count = len(keys)
        since = self.stage.wire.ends(self.facts)
        with frozen(self.runners):
            self.stage.wire.load(commands)
        watch = CpuWatch(self.pids())
        await self.stage.wire.until_added(self.facts, since, count, DEADLINE_S)
        cores = watch.cores()
        facts = self.stage.wire.read(self.facts, since, count)
        if Counter(key.decode() for key, _ in facts) != Counter(keys):
            raise Unfinished(f"{self.label}: not one fact for each of {count} commands")
        await self.stage.wire.until_no_lag(self.group, self.commands)
        return Measured(middle_rate([at for _, at in facts]), cores)


async def our_lane(stage: Stage, platform: Platform, replicas: int = 1) -> Lane:
    """The lane through processes of identity; `platform` runs none of them yet."""
    work = Accounts(platform.database("identity")["comptes"])
    return _lane(stage, platform, "identity", USER_LIFECYCLE, work, replicas)


async def habilitation_lane(stage: Stage, platform: Platform) -> Lane:
    """The lane through a process of habilitation; `platform` runs none yet."""
    work = Appartenances(platform.database("habilitation"))
    work.seed_agent()
    return _lane(stage, platform, "habilitation", ROLE_ASSIGNMENTS, work)


def _lane(
    stage: Stage, platform: Platform, service: str, facts: str, work: Work, replicas: int = 1
) -> Lane:
    prefix, commands = platform.settings.prefix, commands_topic(service)
    return Lane(
        label=service,
        stage=stage,
        runners=[OurRunner(platform.new_replica(service)) for _ in range(replicas)],
        commands=prefix + commands,
        facts=prefix + facts,
        group=prefix + group_of(service, commands),
        work=work,
        signing_key=signing_key_of(platform),
        audience=commands,
    )


async def bare_lane(stage: Stage, platform: Platform, max_records: int | None = None) -> Lane:
    """The lane through the bare loop; the tokens in its records are looked at by nobody."""
    commands, facts = await stage.bare_topics("commands", "facts")
    database = stage.bare_database()
    for name in ("comptes", "inbox"):
        database.create_collection(name)
    database["comptes"].create_index("identifiant", unique=True)
    group = f"{commands}.loop"
    bare = stage.bare(
        "commands",
        database=database.name,
        source=commands,
        target=facts,
        group=group,
        max_records=max_records,
    )
    return Lane(
        label="boucle nue",
        stage=stage,
        runners=[bare],
        commands=commands,
        facts=facts,
        group=group,
        work=Accounts(database["comptes"]),
        signing_key=signing_key_of(platform),
    )


def signing_key_of(platform: Platform) -> str:
    """The key that identity signs with on this platform."""
    return json.dumps(platform.settings.keys.signing)


async def throughput(lane: Lane, count: int, warm_up: int) -> Measured[float]:
    """Commands per second of one round: fresh processes, warmed up, before a loaded topic."""
    await lane.open()
    try:
        await lane.stage.wire.until_no_lag(lane.group, lane.commands)
        await lane.feed(warm_up)
        return await lane.feed(count)
    finally:
        await lane.close()
