"""The HTTP clients of the bench say what they are told to, and count what they are answered."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from bench.load.http_clients import Clients
from bench.load.plan import Asked
from tests.harness.polling import eventually

MOST_S = 30.0
"""No plan here lasts so long: its requests run out."""


@asynccontextmanager
async def listening(status: str) -> AsyncIterator[tuple[int, list[tuple[str, bytes]]]]:
    """A server that answers always the same; its port, and the heads and bodies that it read."""
    heard: list[tuple[str, bytes]] = []

    served: Counter[str] = Counter()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = int(head.lower().partition("content-length: ")[2].partition("\r\n")[0])
            heard.append((head, await reader.readexactly(length)))
            writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\nok".encode())

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served["begun"] += 1
        with suppress(asyncio.IncompleteReadError):
            await answer(reader, writer)
        writer.close()
        await writer.wait_closed()
        served["ended"] += 1

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1], heard
        await eventually(lambda: served["begun"] == served["ended"], MOST_S, "clients gone")


def asked(port: int, count: int) -> Asked:
    requests = [(f"/people/{number}", f"body {number}") for number in range(count)]
    return Asked([port], "POST", {"X-Told": "yes"}, requests)


async def run(plan: dict[str, Any]) -> Any:
    return await Clients(plan).run()


async def test_each_request_goes_once_whoever_sends_it() -> None:
    async with listening("201 Created") as (port, heard):
        told = await run(asked(port, 10).plan(3, MOST_S, once=True))
    assert told["statuses"] == {201: 10}
    assert len(told["latencies_ms"]) == len(told["moments_s"]) == 10
    assert {body for _, body in heard} == {f"body {number}".encode() for number in range(10)}
    assert all(head.startswith("POST /people/") for head, _ in heard)
    assert all("X-Told: yes" in head and f"Host: 127.0.0.1:{port}" in head for head, _ in heard)
    keys = {line for head, _ in heard for line in head.splitlines() if "Idempotency-Key" in line}
    assert len(keys) == 10


async def test_at_a_pace_each_goes_once_too() -> None:
    async with listening("200 OK") as (port, heard):
        told = await run(asked(port, 10).plan(2, MOST_S, rate=500, once=True))
    assert (told["statuses"], len(heard)) == ({200: 10}, 10)


async def test_refusals_are_counted_as_such() -> None:
    async with listening("401 Unauthorized") as (port, _):
        told = await run(asked(port, 4).plan(2, MOST_S, once=True))
    assert told["statuses"] == {401: 4}
