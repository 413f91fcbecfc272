"""The embedded broker: a mock Kafka cluster in its own process, driven over a control port.

`python -m deploy.local.embedded_broker --port-file broker.json` runs it by hand.
"""

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.local.control import call, read_addresses, serve_control, write_addresses
from deploy.local.mock_cluster import ALL_BROKERS, MockCluster
from deploy.local.process import Process
from deploy.local.server import Server

READY_S = 20
FETCH_MAX_WAIT_MS = 10
"""The mock answers an empty fetch only when the client's wait is over, even if a record arrives
meanwhile: measured, the median latency is the wait."""

log = logging.getLogger(__name__)


class EmbeddedBroker(Server):
    """A Kafka-protocol broker for demos and fast tests; `address` is its bootstrap address.

    In memory: `kill` or `stop` lose every record and the port. A broker that is away for a while
    and comes back with its data is `take_down` and `bring_up`.
    No CreateTopics (use `create_topics`), no ListGroups, no topic settings.
    """

    def __init__(self, directory: Path, *, brokers: int = 1) -> None:
        self.port_file = directory / "broker.json"
        self.process = Process(
            "embedded broker",
            [
                *(sys.executable, "-m", "deploy.local.embedded_broker"),
                *("--port-file", str(self.port_file)),
                *("--brokers", str(brokers)),
            ],
            directory / "broker.log",
        )
        self.control = ""

    def start(self) -> None:
        """Start an empty cluster; the addresses are new ones."""
        self.port_file.unlink(missing_ok=True)
        super().start()

    def wait_ready(self) -> None:
        """Wait for the addresses."""
        self.process.wait_until(self.port_file.exists, READY_S, "addresses")
        addresses = read_addresses(self.port_file)
        self.address, self.control = addresses["bootstrap"], addresses["control"]

    def create_topics(self, partitions: Mapping[str, int]) -> None:
        """Create topics (name → partitions); those that exist stay as they are."""
        create_topics(self.control, partitions)

    def delete_topics(self, names: Sequence[str]) -> None:
        """Forget topics and their records."""
        delete_topics(self.control, names)

    def take_down(self, broker: int = ALL_BROKERS) -> None:
        """Close the connections of a broker and refuse new ones; its records stay."""
        call(self.control, "take_down", broker=broker)

    def bring_up(self, broker: int = ALL_BROKERS) -> None:
        """Accept connections again on the same port."""
        call(self.control, "bring_up", broker=broker)

    def delay(self, milliseconds: int, broker: int = ALL_BROKERS) -> None:
        """Answer each request that much later."""
        call(self.control, "delay", milliseconds=milliseconds, broker=broker)

    def push_errors(self, api_key: int, codes: Sequence[int]) -> None:
        """Answer the next requests of that kind with these error codes (`MockCluster`)."""
        call(self.control, "push_errors", api_key=api_key, codes=list(codes))


def create_topics(control: str, partitions: Mapping[str, int]) -> None:
    """Create topics on the embedded broker whose control port is at `control` (host:port)."""
    call(control, "create_topics", partitions=dict(partitions))


def delete_topics(control: str, names: Sequence[str]) -> None:
    """Forget topics and their records there; those that do not exist are passed over."""
    call(control, "delete_topics", names=list(names))


def list_topics(control: str) -> dict[str, int]:
    """The topics created there, name → partitions; not those that appeared by themselves."""
    topics: dict[str, int] = call(control, "list_topics")
    return topics


class _Cluster:
    """The operations of the control port; remembers what exists, which the mock cannot tell."""

    def __init__(self, cluster: MockCluster) -> None:
        self._cluster = cluster
        self._partitions: dict[str, int] = {}

    def create_topics(self, partitions: dict[str, int]) -> None:
        for name, count in partitions.items():
            if name not in self._partitions:
                self._cluster.create_topic(name, count)
                self._partitions[name] = count

    def list_topics(self) -> dict[str, int]:
        return self._partitions

    def delete_topics(self, names: list[str]) -> None:
        for name in names:
            if self._partitions.pop(name, None) is not None:
                self._cluster.delete_topic(name)


async def serve(port_file: Path, brokers: int, control_port: int) -> None:
    """Run the cluster until SIGTERM or SIGINT."""
    cluster = MockCluster(brokers)
    topics = _Cluster(cluster)
    control = await serve_control(
        {
            "create_topics": topics.create_topics,
            "list_topics": topics.list_topics,
            "delete_topics": topics.delete_topics,
            "take_down": cluster.take_down,
            "bring_up": cluster.bring_up,
            "delay": cluster.delay,
            "push_errors": cluster.push_errors,
            "clear_errors": cluster.clear_errors,
        },
        control_port,
    )
    host, port = control.sockets[0].getsockname()
    write_addresses(port_file, bootstrap=cluster.bootstrap, control=f"{host}:{port}")
    log.info("embedded broker at %s, control at %s:%s", cluster.bootstrap, host, port)
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await stopped.wait()
    control.close()


def main() -> None:
    """Command line of the embedded broker."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port-file", type=Path, required=True, help="where to write addresses")
    parser.add_argument("--brokers", type=int, default=1)
    parser.add_argument("--control-port", type=int, default=0)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO)
    asyncio.run(serve(options.port_file, options.brokers, options.control_port))


if __name__ == "__main__":
    main()
