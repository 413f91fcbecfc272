"""Under what conditions a run was made: machine, versions, parameters. A figure without is void."""

import os
import platform
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil

from bench.keycloak.distribution import keycloak_version
from bench.keycloak.server import HEAP
from deploy.local.kafka_jars import kafka_version
from deploy.local.mongod import CACHE_GB, mongod_binary
from services.identity.hashing import LANES, MEMORY_KIB, PASSES

LIBRARIES = (
    "faststream", "aiokafka", "motor", "pymongo", "pydantic", "fastapi", "uvicorn", "uvloop",
    "httptools", "pynacl", "aiosmtplib", "aiosmtpd", "confluent-kafka",
)  # fmt: skip
ANSWER_S = 30


def describe() -> list[tuple[str, str]]:
    """Name and value of each condition, in French."""
    memory = psutil.virtual_memory().total / 2**30
    libraries = " · ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return [
        ("Date", datetime.now(UTC).isoformat(timespec="minutes")),
        ("Machine", f"{_processor()}, {psutil.cpu_count()} cœurs, {memory:.0f} Gio"),
        ("Système", f"{platform.system()} {platform.release()}"),
        ("Charge au départ (1 min)", f"{os.getloadavg()[0]:.2f}"),
        ("Python", platform.python_version()),
        ("Bibliothèques", libraries),
        ("Apache Kafka", f"{kafka_version()}, un nœud KRaft, tas de 512 Mo, {_java()}"),
        ("MongoDB", f"{_mongod()}, replica set d’un nœud, cache WiredTiger de {CACHE_GB} Go"),
        (
            "Écriture synchrone du disque",
            f"{_sync_ms():.2f} ms (médiane de 200 fdatasync de 4 Kio)",
        ),
        ("Hachage", f"Argon2id, {MEMORY_KIB} Kio, {PASSES} passes, {LANES} voie, des deux côtés"),
        ("Keycloak", f"{keycloak_version()}, tas de {HEAP} au plus, base H2 dans le processus"),
        ("Durabilité", "w=majority, journal ; acks=all, producteur idempotent (des deux côtés)"),
    ]


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or platform.machine()
    found = re.search(r"model name\s*:\s*(.+)", text)
    return found[1].strip() if found else platform.machine()


def _java() -> str:
    java = shutil.which("java")
    return _first_line([java, "-version"]) if java else "sans Java"


def _mongod() -> str:
    return _first_line([str(mongod_binary()), "--version"])


def _first_line(command: list[str]) -> str:
    run = subprocess.run(  # noqa: S603 (programs of this run)
        command, capture_output=True, text=True, timeout=ANSWER_S, check=False
    )
    return (run.stdout or run.stderr).split("\n", 1)[0].strip()


def _sync_ms() -> float:
    """What a synchronous write costs here: it decides what one transaction per message can do."""
    spent = []
    with tempfile.TemporaryFile() as file:
        for _ in range(200):
            file.write(bytes(4096))
            file.flush()
            started = time.perf_counter()
            os.fdatasync(file.fileno())
            spent.append((time.perf_counter() - started) * 1e3)
    return statistics.median(spent)
