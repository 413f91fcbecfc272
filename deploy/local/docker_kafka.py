"""Apache Kafka in a container, for machines where a Docker engine answers (KAFKA=docker)."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from testcontainers.core.container import DockerContainer

from deploy.local.apache_kafka import CLUSTER_ID, HEAP, READY_S
from deploy.local.kafka_jars import kafka_version
from deploy.local.kafka_node import answers, server_properties
from deploy.local.ports import free_port
from deploy.local.process import POLL_S, ProcessFailed

INSIDE_PORT = 9092
CONTROLLER_PORT = 9093
HOME = "/opt/kafka"
"""Where the image `apache/kafka` keeps Kafka.
https://github.com/apache/kafka/blob/4.1.0/docker/jvm/Dockerfile"""
STOP_S = 20
SCRIPT = f"""
set -e
[ -f /tmp/data/meta.properties ] || {HOME}/bin/kafka-storage.sh format --standalone \
  --cluster-id {CLUSTER_ID} --config /tmp/server.properties
exec {HOME}/bin/kafka-server-start.sh /tmp/server.properties
"""


def kafka_image() -> str:
    """The image: KAFKA_IMAGE, else Apache's own of the version that `pom.xml` pins."""
    return os.environ.get("KAFKA_IMAGE") or f"apache/kafka:{kafka_version()}"


class DockerKafka:
    """One KRaft node in a container; `address` is its bootstrap address on loopback.

    Data, port and cluster stay over `kill` and `restart`; `stop` removes the container.
    """

    def __init__(self, directory: Path) -> None:
        self.log = directory / "kafka.log"
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self._settings = server_properties(
            data="/tmp/data",  # noqa: S108 (inside the container, gone with it)
            listen=f"0.0.0.0:{INSIDE_PORT}",
            advertised=self.address,
            controller_port=CONTROLLER_PORT,
        )
        self._container: DockerContainer | None = None

    def start(self) -> None:
        """Create and start the container, or start the one that was killed; wait for answers."""
        if self._container is None:
            settings = f"cat > /tmp/server.properties <<'END'\n{self._settings}END\n"
            container = DockerContainer(kafka_image()).with_env("KAFKA_HEAP_OPTS", f"-Xmx{HEAP}")
            container.with_command(["sh", "-c", settings + SCRIPT])
            # loopback only, which docker-py takes and `with_bind_ports` does not know
            container.ports[str(INSIDE_PORT)] = ("127.0.0.1", self.port)  # type: ignore[assignment]
            self._container = container
            self._container.start()
        else:
            self._wrapped().start()
        self._wait(answers(self.address))

    @property
    def pid(self) -> int:
        """The pid of the broker, as the host sees it."""
        wrapped = self._wrapped()
        wrapped.reload()
        pid: int = wrapped.attrs["State"]["Pid"]
        return pid

    @property
    def running(self) -> bool:
        """Whether the container runs."""
        if self._container is None:
            return False
        wrapped = self._wrapped()
        wrapped.reload()
        return bool(wrapped.status == "running")

    def kill(self) -> None:
        """SIGKILL; the container and its data stay."""
        self._wrapped().kill()
        self._wrapped().wait()

    def restart(self) -> None:
        """Start again, same address and data, stopping it first if it runs."""
        if self.running:
            self._wrapped().stop(timeout=STOP_S)
        self.start()

    def stop(self) -> None:
        """Stop and remove the container; its log is written to `log`."""
        if self._container is None:
            return
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.log.write_bytes(self._wrapped().logs())
        self._container.stop()
        self._container = None

    def _wrapped(self) -> Any:  # docker-py has no types
        if self._container is None:
            raise ProcessFailed("Kafka's container was never started")
        return self._container.get_wrapped_container()

    def _wait(self, ready: Callable[[], bool]) -> None:
        end = time.monotonic() + READY_S
        while not ready():
            if not self.running or time.monotonic() > end:
                logs = self._wrapped().logs(tail=40).decode(errors="replace")
                raise ProcessFailed(f"Kafka's container does not answer\n{logs}")
            time.sleep(POLL_S)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
