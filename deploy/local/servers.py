"""The servers of one run, chosen by the environment: Kafka, MongoDB, mail.

KAFKA=embedded (default) | apache | docker; KAFKA_BOOTSTRAP, MONGO_URI and SMTP_URL name servers
that run already and are left alone. KAFKA_CONTROL is the control port of an embedded broker that
runs already.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from deploy.local.apache_kafka import ApacheKafka
from deploy.local.docker_kafka import DockerKafka
from deploy.local.embedded_broker import FETCH_MAX_WAIT_MS, EmbeddedBroker
from deploy.local.mongod import TRANSACTION_LIFETIME_S, Mongod
from deploy.local.smtp_sink import SmtpSink
from deploy.local.workdir import work_directory

Kind = Literal["embedded", "apache", "docker", "external"]
Broker = EmbeddedBroker | ApacheKafka | DockerKafka
KINDS: tuple[Kind, ...] = ("embedded", "apache", "docker")
DEFAULT_FETCH_MAX_WAIT_MS = 500
"""Kafka's own default, `fetch.max.wait.ms`."""


@dataclass
class Servers:
    """Where the platform's servers are; `broker`, `mongod`, `sink` are those this run started."""

    directory: Path
    kind: Kind
    broker: Broker | None
    mongod: Mongod | None
    sink: SmtpSink | None
    external: Mapping[str, str]

    @property
    def kafka(self) -> str:
        """Bootstrap address of Kafka."""
        return self.external["KAFKA_BOOTSTRAP"] if self.broker is None else self.broker.address

    @property
    def kafka_control(self) -> str | None:
        """Control port of the embedded broker, None for a Kafka that creates topics itself."""
        if isinstance(self.broker, EmbeddedBroker):
            return self.broker.control
        return self.external.get("KAFKA_CONTROL")

    @property
    def mongo(self) -> str:
        """URI of MongoDB."""
        return self.external["MONGO_URI"] if self.mongod is None else self.mongod.address

    @property
    def smtp(self) -> str:
        """URL of the mail server."""
        return self.external["SMTP_URL"] if self.sink is None else self.sink.address

    @property
    def fetch_max_wait_ms(self) -> int:
        """What consumers of this Kafka should wait for at most when nothing is there."""
        return FETCH_MAX_WAIT_MS if self.kafka_control else DEFAULT_FETCH_MAX_WAIT_MS


@contextmanager
def running_servers(
    environment: Mapping[str, str] | None = None,
    *,
    directory: Path | None = None,
    transaction_lifetime_s: int = TRANSACTION_LIFETIME_S,
) -> Iterator[Servers]:
    """Start what the environment does not name, stop what was started, whatever happens.

    Data and logs are in `directory` and stay there; without one, in a temporary folder that goes.
    Should this process be killed, the kernel kills the servers.
    """
    given = os.environ if environment is None else environment
    with ExitStack() as stack:
        if directory is None:
            directory = stack.enter_context(work_directory())
        yield _start(given, directory, transaction_lifetime_s, stack)


def _start(
    given: Mapping[str, str], directory: Path, transaction_lifetime_s: int, stack: ExitStack
) -> Servers:
    kind = _kind(given)
    mongod: Mongod | None = None
    sink: SmtpSink | None = None
    broker: Broker | None = None
    if not given.get("MONGO_URI"):
        mongod = stack.enter_context(
            Mongod(directory / "mongo", transaction_lifetime_s=transaction_lifetime_s)
        )
    if not given.get("SMTP_URL"):
        sink = stack.enter_context(SmtpSink(directory / "smtp"))
    if kind != "external":
        broker = _broker(kind, directory / "kafka")
        stack.enter_context(broker)
    names = ("KAFKA_BOOTSTRAP", "KAFKA_CONTROL", "MONGO_URI", "SMTP_URL")
    external = {name: given[name] for name in names if given.get(name)}
    return Servers(directory, kind, broker, mongod, sink, external)


def _kind(given: Mapping[str, str]) -> Kind:
    if given.get("KAFKA_BOOTSTRAP"):
        return "external"
    wanted = given.get("KAFKA") or "embedded"
    for kind in KINDS:
        if wanted == kind:
            return kind
    raise ValueError(f"KAFKA={wanted}: not one of {', '.join(KINDS)}")


def _broker(kind: Kind, directory: Path) -> Broker:
    if kind == "apache":
        return ApacheKafka(directory)
    if kind == "docker":
        return DockerKafka(directory)
    return EmbeddedBroker(directory)
