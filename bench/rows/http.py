"""An HTTP command without a password hash: PATCH /users/{id}, 16 clients."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from pymongo.database import Database

from bench.accounts import account_rows, agent_row, draw_change, draw_users, open_session
from bench.cpu import CpuWatch
from bench.entitled import entitled_platform
from bench.figures import Figure, compare
from bench.load.plan import Asked, run_load
from bench.rounds import Measured, alternate, cores_notes
from bench.scale import Scale
from bench.stage import OurRunner, Runner, Stage
from bench.timing import middle_rate
from bench.wire import Unfinished
from deploy.local.ports import free_port
from tests.harness.polling import eventually

CLIENTS = 16
BAR = 0.5
"""Half of a bare endpoint with the same writes (ADR-0002)."""
ACCOUNTS = 1_600
OK = 200
SETTLE_S = 30


@dataclass(frozen=True)
class Endpoint:
    """A process that answers PATCH /users/{id}, and the accounts behind it."""

    label: str
    stage: Stage
    runner: Runner
    port: int
    users: list[str]
    session: str
    settled: Callable[[], bool]
    """Whether nothing of a round is left to do."""

    def plan(self, seconds: float) -> dict[str, Any]:
        """What the load program `http_clients` is told."""
        return changes([self.port], self.users, self.session).plan(CLIENTS, seconds)


def changes(ports: list[int], users: list[str], session: str) -> Asked:
    """Two changes of each of these accounts, which undo each other: each has its effect."""
    headers = {"Authorization": f"Bearer {session}", "Content-Type": "application/json"}
    drawn = (draw_change(), draw_change())
    bodies = [json.dumps(each | {"telephone_confirmation": each["telephone"]}) for each in drawn]
    return Asked(
        ports, "PATCH", headers, [(f"/users/{id}", body) for body in bodies for id in users]
    )


def seed(database: Database[dict[str, Any]], count: int = ACCOUNTS) -> tuple[list[str], str]:
    """Accounts, and the session of an agent who may change them: user ids and session token."""
    users, agent = draw_users(count), draw_users(1)[0]
    database["comptes"].insert_many([*account_rows(users), agent_row(agent)])
    token, row = open_session(agent)
    database["sessions"].insert_one(row)
    return users, token


async def measure(stage: Stage, scale: Scale) -> list[Figure]:
    """One process of identity beside one bare endpoint."""
    async with entitled_platform(stage) as platform:
        replica = platform.new_replica("identity")
        database = platform.database("identity")
        users, session = seed(database)
        port = int(replica.url.rpartition(":")[2])
        ours = Endpoint(
            "identity",
            stage,
            OurRunner(replica),
            port,
            users,
            session,
            lambda: not database["outbox"].count_documents({}),
        )
        bare = _bare_endpoint(stage)
        a, b = await alternate(
            scale.rounds, partial(_round, ours, scale), partial(_round, bare, scale)
        )
    return [
        compare(
            "http_commands",
            a.values,
            b.values,
            "requêtes/s",
            bar=BAR,
            broker=stage.broker,
            notes=[f"PATCH /users/{{id}}, {CLIENTS} clients.", *cores_notes(a, b)],
        )
    ]


def _bare_endpoint(stage: Stage) -> Endpoint:
    database = stage.bare_database()
    for name in ("comptes", "sessions", "inbox", "outbox"):
        database.create_collection(name)
    database["comptes"].create_index("identifiant", unique=True)
    database["outbox"].create_index([("aggregate", 1), ("seq", 1)], unique=True)
    users, session = seed(database)
    port = free_port()
    runner = stage.bare("http", database=database.name, port=port)
    return Endpoint("endpoint nu", stage, runner, port, users, session, lambda: True)


async def _round(endpoint: Endpoint, scale: Scale) -> Measured[float]:
    """Requests per second of one round, with a fresh process."""
    await endpoint.runner.start()
    try:
        await run_load("http_clients", endpoint.plan(scale.warm_up_s))
        own = {endpoint.label: [endpoint.runner.pid]}
        watch = CpuWatch(own | endpoint.stage.server_pids())
        told = await run_load("http_clients", endpoint.plan(scale.http_s))
        if set(told["statuses"]) != {str(OK)}:
            raise Unfinished(f"{endpoint.label}: statuses {told['statuses']}")
        cores = watch.cores()
        await eventually(endpoint.settled, SETTLE_S, "all published")
        return Measured(middle_rate(told["moments_s"]), cores)
    finally:
        await endpoint.runner.stop()
