"""Two ways for the same commands: identity with all its rules, and the bare loop."""

import json
import signal
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo.collection import Collection

from bench.accounts import account_rows, command_records, draw_users, issue_token
from bench.cpu import CpuWatch
from bench.rounds import Measured
from bench.stage import OurRunner, Runner, Stage, frozen
from bench.timing import middle_rate
from bench.wire import Unfinished
from shared.contracts.identity_commands import COMMANDS
from shared.contracts.topics import USER_LIFECYCLE, group_of
from tests.harness.platform import Platform
from tests.harness.topics import Outgoing

DEADLINE_S = 180.0


@dataclass(frozen=True)
class Lane:
    """Where commands go in, where facts come out, and who works in between."""

    label: str
    stage: Stage
    runners: Sequence[Runner]
    commands: str
    facts: str
    group: str
    accounts: Collection[dict[str, Any]]
    signing_key: str

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
        """Fresh accounts; their ids."""
        users = draw_users(count)
        self.accounts.insert_many(account_rows(users), ordered=False)
        return users

    async def feed(self, count: int) -> Measured[float]:
        """One command for each of so many fresh accounts, loaded before the processes see any.

        The rate is over the moments when the broker took the facts.
        """
        users = self.seed(count)
        token = issue_token(self.signing_key)
        return await self.carry(users, command_records(self.commands, users, token))

    async def carry(self, users: Sequence[str], commands: Iterable[Outgoing]) -> Measured[float]:
        """One command for each of these people, as `feed` does; one fact must come of each."""
        count = len(users)
        since = self.stage.wire.ends(self.facts)
        with frozen(self.runners):
            self.stage.wire.load(commands)
        watch = CpuWatch(self.pids())
        await self.stage.wire.until_added(self.facts, since, count, DEADLINE_S)
        cores = watch.cores()
        facts = self.stage.wire.read(self.facts, since, count)
        if {key.decode() for key, _ in facts} != set(users):
            raise Unfinished(f"{self.label}: not one fact for each of {count} commands")
        await self.stage.wire.until_no_lag(self.group, self.commands)
        return Measured(middle_rate([at for _, at in facts]), cores)


async def our_lane(stage: Stage, platform: Platform, replicas: int = 1) -> Lane:
    """The lane through processes of identity; `platform` runs none of them yet."""
    prefix = platform.settings.prefix
    return Lane(
        label="identity",
        stage=stage,
        runners=[OurRunner(platform.new_replica("identity")) for _ in range(replicas)],
        commands=prefix + COMMANDS,
        facts=prefix + USER_LIFECYCLE,
        group=prefix + group_of("identity", COMMANDS),
        accounts=platform.database("identity")["comptes"],
        signing_key=signing_key_of(platform),
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
        accounts=database["comptes"],
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
