"""Look for secrets where they must not be: topics, logs, metrics, every stored document."""

import base64
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

import bson
from pymongo import MongoClient

from shared.contracts.topics import TOPICS
from tests.harness.platform import Platform
from tests.harness.topics import Record

Pile = Iterable[tuple[str, bytes]]
"""Places and the bytes found there."""

MAIL_FOLDERS = ("smtp",)
"""Where the sink keeps its mails: the one place where secrets are meant to arrive."""


def search(piles: Pile, secrets: Mapping[str, str]) -> list[str]:
    """Every place where a secret shows, in clear or in an encoding that hides nothing."""
    needles = {
        (name, form): needle
        for name, secret in secrets.items()
        for form, needle in _forms(secret.encode())
    }
    return [
        f"{name} ({form}) in {place}"
        for place, found in piles
        for (name, form), needle in needles.items()
        if needle in found
    ]


def _forms(secret: bytes) -> Iterator[tuple[str, bytes]]:
    yield "clear", secret
    yield "reversed", secret[::-1]
    yield "hexadecimal", secret.hex().encode()
    yield "URL", quote_from_bytes(secret, safe="").encode()
    yield "UTF-16", secret.decode().encode("utf-16-le")
    for before in range(3):  # the three ways in which base64 may cut it, without its edges
        padded = b"\x00" * before + secret
        encoded = base64.b64encode(padded[: len(padded) - len(padded) % 3])
        yield f"base64+{before}", encoded[4 if before else 0 :]


async def topics(platform: Platform) -> Pile:
    """Keys, headers and values of every record of every topic, from offset 0."""
    return [
        piece
        for topic in TOPICS
        for record in await platform.read(topic)
        for piece in _pieces(record)
    ]


def _pieces(record: Record) -> Iterator[tuple[str, bytes]]:
    topic = record.topic.split(".", 1)[1]  # without the prefix of this run
    yield f"key on {topic}", record.key or b""
    yield f"value on {topic}", record.value or b""
    for name, value in record.headers:
        yield f"header {name} on {topic}", value or b""
        yield f"name of a header on {topic}", name.encode()


def logs(folder: Path) -> Pile:
    """Every file that the servers and the services wrote, the mails aside.

    The data files of mongod and Kafka are looked at through their servers.
    """
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "data" and name not in MAIL_FOLDERS]
        for file in (Path(place) / name for name in names):
            if file.suffix in {".log", ".out"}:
                yield f"log {'/'.join(file.parts[-2:])}", file.read_bytes()


def stores(uri: str) -> Pile:
    """Every document of every database of the server, its log of operations included."""
    with MongoClient[dict[str, Any]](uri) as client:
        for name in client.list_database_names():
            for collection in client[name].list_collection_names():
                for row in client[name][collection].find():
                    yield f"{name}.{collection}", bson.encode(row)
