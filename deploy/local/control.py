"""The control port of a server of ours: one JSON request per line, one JSON answer per line.

Loopback only, no secret: who can connect is already on this machine.
"""

import asyncio
import json
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ANSWER_S = 10
"""How long a control request may take; assumed."""

Operation = Callable[..., Any]


class ControlFailed(RuntimeError):
    """The server refused the request or is gone."""


async def serve_control(operations: Mapping[str, Operation], port: int = 0) -> asyncio.Server:
    """Serve `operations` by name on loopback; each is called with the request's arguments."""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                writer.write(_answer(operations, line))
                await writer.drain()
        except ConnectionError:
            return  # the caller died; nothing to answer to
        finally:
            writer.close()

    return await asyncio.start_server(converse, "127.0.0.1", port)


def _answer(operations: Mapping[str, Operation], line: bytes) -> bytes:
    try:
        request = json.loads(line)
        result = operations[request["op"]](**request.get("args", {}))
        answer = {"ok": True, "result": result}
    except Exception as error:  # noqa: BLE001 (any fault of an operation is the caller's to see)
        answer = {"ok": False, "error": f"{type(error).__name__}: {error}"}
    return json.dumps(answer).encode() + b"\n"


def call(address: str, op: str, **args: object) -> Any:
    """Ask the server at `address` (host:port) for one operation and return its result."""
    host, _, port = address.rpartition(":")
    request = json.dumps({"op": op, "args": args}).encode() + b"\n"
    try:
        with socket.create_connection((host, int(port)), timeout=ANSWER_S) as connection:
            connection.sendall(request)
            with connection.makefile("rb") as answers:
                line = answers.readline()
    except OSError as error:
        raise ControlFailed(f"{op} at {address}: {error}") from error
    if not line:
        raise ControlFailed(f"{op} at {address}: connection closed")
    answer = json.loads(line)
    if not answer["ok"]:
        raise ControlFailed(f"{op} at {address}: {answer['error']}")
    return answer["result"]


def write_addresses(file: Path, **addresses: str) -> None:
    """Tell whoever started this process where it listens; the file appears whole."""
    partial = file.with_suffix(".partial")
    partial.write_text(json.dumps(addresses))
    partial.rename(file)


def read_addresses(file: Path) -> dict[str, str]:
    """What `write_addresses` told."""
    addresses: dict[str, str] = json.loads(file.read_text())
    return addresses
