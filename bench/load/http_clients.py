"""HTTP clients that cost little: keep-alive connections, requests as bytes, one answer at a time.

Closed loop: each client asks again as soon as it was answered. With a `rate`, requests are due at
their moments whatever the answers do, and a late one counts from when it was due.
"""

import asyncio
import time
from collections import Counter
from typing import Any, cast

import uvloop

from bench.load.plan import read_plan, tell

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length:"


class Connection(asyncio.Protocol):
    """One HTTP/1.1 connection; knows no more of HTTP than the services' answers need."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport
        self._read = b""
        self._answer: asyncio.Future[int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass of it

    def ask(self, request: bytes) -> "asyncio.Future[int]":
        """Send a request; the status of its answer."""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answer

    def close(self) -> None:
        """Ask nothing more."""
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Answer once head and body are there."""
        self._read += data
        head_end = self._read.find(HEAD_END)
        if head_end < 0 or self._answer is None:
            return
        head = self._read[:head_end].lower()
        at = head.find(LENGTH)
        length = int(head[at + len(LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self._read) < head_end + len(HEAD_END) + length:
            return
        self._read = b""
        self._answer.set_result(int(head[9:12]))

    def connection_lost(self, _error: Exception | None) -> None:
        """Whoever waits must not wait for ever."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError("closed by the server"))


class Clients:
    """Many clients of one or several processes."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self._plan = plan
        self._started = time.perf_counter()
        self._end = self._started + plan["seconds"]
        self._done: list[tuple[float, float]] = []
        self._statuses: Counter[int] = Counter()
        self._number = 0
        headers = {"Host": f"127.0.0.1:{plan['ports'][0]}", **plan["headers"]}
        self._headers = "".join(f"{name}: {value}\r\n" for name, value in headers.items())

    async def run(self) -> dict[str, Any]:
        """Run the plan: moments of the answers (s), latencies (ms), how many of each status."""
        plan = self._plan
        loop = asyncio.get_running_loop()
        connections = [
            (await loop.create_connection(Connection, "127.0.0.1", port))[1]
            for port in (plan["ports"] * plan["clients"])[: plan["clients"]]
        ]
        client = self._paced if plan["rate"] else self._eager
        await asyncio.gather(
            *(client(connection, number) for number, connection in enumerate(connections))
        )
        for connection in connections:
            connection.close()
        return {
            "moments_s": [at for at, _ in self._done],
            "latencies_ms": [latency for _, latency in self._done],
            "statuses": dict(self._statuses),
        }

    async def _eager(self, connection: Connection, number: int) -> None:
        """Ask without a pause, each client its own requests."""
        mine = self._plan["requests"][number :: self._plan["clients"]]
        turn = 0
        while (asked := time.perf_counter()) < self._end:
            if self._plan["once"] and turn >= len(mine):
                return
            await self._ask(connection, mine[turn % len(mine)], asked)
            turn += 1

    async def _paced(self, connection: Connection, _number: int) -> None:
        """Take the next request that is due, whoever is free."""
        rate, requests = self._plan["rate"], self._plan["requests"]
        while True:
            turn, self._number = self._number, self._number + 1
            due = self._started + turn / rate
            if due >= self._end or (self._plan["once"] and turn >= len(requests)):
                return
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            await self._ask(connection, requests[turn % len(requests)], due)

    async def _ask(self, connection: Connection, request: list[str], asked: float) -> None:
        path, body = request[0], request[1].encode()
        key = f"{self._plan['run']}-{len(self._done)}-{asked}"
        head = (
            f"{self._plan['method']} {path} HTTP/1.1\r\n{self._headers}"
            f"Idempotency-Key: {key}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        status = await connection.ask(head.encode() + body)
        now = time.perf_counter()
        self._done.append((now, (now - asked) * 1e3))
        self._statuses[status] += 1


async def main() -> None:
    """Do what stdin says."""
    tell(await Clients(read_plan()).run())


if __name__ == "__main__":
    uvloop.run(main())
