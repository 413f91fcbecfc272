"""Move the clock of a running platform: "tomorrow", "in seven months".

The offset is a document of each service's database, which services of the test and demo
environments follow (shared/clock.py).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from pymongo import MongoClient, WriteConcern

COLLECTION = "clock"
DOCUMENT = "offset"
MOVABLE = ("test", "demo")
"""The environments whose clock may be moved (ADR-0012)."""
TIMEOUT_MS = 5_000
UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
STEP = re.compile(r"\+(\d+[dhms])+")

Document = dict[str, object]


class ClockRefused(RuntimeError):
    """The clock of this environment may not be moved, or there is none."""


@dataclass(frozen=True)
class Target:
    """One service's database, and the environment it belongs to."""

    service: str
    environment: str
    mongo_uri: str
    database: str


def targets_from(environment: Mapping[str, str]) -> list[Target]:
    """The databases that `<SERVICE>_MONGO_URI` and `<SERVICE>_MONGO_DATABASE` name."""
    services = [name.removesuffix("_MONGO_URI") for name in environment if name[-9:] == "MONGO_URI"]
    return [
        Target(
            service=service.lower(),
            environment=environment.get(f"{service}_ENVIRONMENT", ""),
            mongo_uri=environment[f"{service}_MONGO_URI"],
            database=environment[f"{service}_MONGO_DATABASE"],
        )
        for service in sorted(services)
        if f"{service}_MONGO_DATABASE" in environment
    ]


def parse_step(text: str) -> timedelta:
    """`+24h`, `+7d`, `+1d12h`, `+90s`: how far to move the clock ahead."""
    if not STEP.fullmatch(text):
        raise ValueError(f"{text!r} is not like +24h, +7d or +1d12h")
    parts = re.findall(r"(\d+)([dhms])", text)
    return sum((timedelta(**{UNITS[unit]: int(n)}) for n, unit in parts), timedelta())


def read_offsets(targets: Iterable[Target]) -> dict[str, timedelta]:
    """How far each service's clock is ahead."""
    offsets = {}
    for target in targets:
        with _client(target) as client:
            found = client[target.database][COLLECTION].find_one({"_id": DOCUMENT})
        seconds = 0 if found is None else found["seconds"]
        offsets[target.service] = timedelta(seconds=int(str(seconds)))
    return offsets


def write_offset(targets: Iterable[Target], offset: timedelta) -> None:
    """Set how far the clock of every service is ahead; refused as a whole if one may not move.

    Units: whole seconds.
    """
    movable = list(targets)
    refused = [target.service for target in movable if target.environment not in MOVABLE]
    if refused:
        raise ClockRefused(f"not a test or demo environment: {', '.join(refused)}")
    for target in movable:
        with _client(target) as client:
            clock = client[target.database].get_collection(
                COLLECTION, write_concern=WriteConcern(w="majority")
            )
            seconds = int(offset.total_seconds())
            clock.update_one({"_id": DOCUMENT}, {"$set": {"seconds": seconds}}, upsert=True)


def _client(target: Target) -> MongoClient[Document]:
    return MongoClient[Document](target.mongo_uri, timeoutMS=TIMEOUT_MS, appname="deploy-clock")
