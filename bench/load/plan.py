"""How a load program is told what to do and tells what happened: JSON in, JSON out."""

import asyncio
import json
import os
import sys
from dataclasses import asdict, dataclass
from typing import Any

from bench.wire import Unfinished
from deploy.local.process import GUARD, ROOT
from shared.ids import draw_id

REST_S = 60.0
"""How long a load program may take beside its work: start, connections, last answers (assumed)."""


@dataclass(frozen=True)
class Asked:
    """Requests to one or several processes, for the load program `http_clients`.

    `requests` are paths and bodies, each sent with a fresh Idempotency-Key: a name that a server
    which does not know it ignores.
    """

    ports: list[int]
    method: str
    headers: dict[str, str]
    requests: list[tuple[str, str]]

    def plan(
        self, clients: int, seconds: float, *, rate: float | None = None, once: bool = False
    ) -> dict[str, Any]:
        """What `http_clients` is told: so many clients, for so long, going round the requests.

        `rate` is in requests a second, for all clients; `once` sends no request twice.
        """
        told = {"clients": clients, "seconds": seconds, "rate": rate, "once": once}
        return {**asdict(self), **told, "run": draw_id()}


def read_plan() -> Any:
    """What this load program is to do (its stdin)."""
    return json.load(sys.stdin)


def tell(result: Any) -> None:
    """What happened (its stdout)."""
    json.dump(result, sys.stdout)


async def run_load(module: str, plan: dict[str, Any]) -> Any:
    """Run a load program in its own process to its end; what it tells. It dies with this one."""
    guard = (sys.executable, "-I", "-S", str(GUARD), str(os.getpid()))
    process = await asyncio.create_subprocess_exec(
        *guard,
        *(sys.executable, "-m", f"bench.load.{module}"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    try:
        async with asyncio.timeout(plan["seconds"] + plan.get("warm_up_s", 0) + REST_S):
            told, _ = await process.communicate(json.dumps(plan).encode())
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode:
        raise Unfinished(f"the load program {module} ended with {process.returncode}")
    return json.loads(told)
