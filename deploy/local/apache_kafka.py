"""Real Apache Kafka on this machine: one KRaft node on the local JVM."""

import shutil
import subprocess
from pathlib import Path

from deploy.local.kafka_jars import kafka_jars
from deploy.local.kafka_node import answers, server_properties
from deploy.local.ports import free_port
from deploy.local.process import Process, ProcessFailed
from deploy.local.server import Server

READY_S = 60
FORMAT_S = 60
HEAP = "512m"
LOGGING = Path(__file__).with_name("log4j2.properties")
CLUSTER_ID = "TUNQTW9uQ29tcHRlUGFydA"
"""16 bytes in base64, as `StorageTool random-uuid` prints; never two nodes in one cluster."""
JVM = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true")
"""Quick to start and small, for a broker that lives minutes: listens 2 s after the start."""


class ApacheKafka(Server):
    """One broker and controller; `address` is its bootstrap address.

    Data, port and cluster stay over `kill` and `restart`.
    """

    def __init__(self, directory: Path, *, port: int | None = None, heap: str = HEAP) -> None:
        java = shutil.which("java")
        if java is None:
            raise ProcessFailed("no java: KAFKA=apache needs a Java 17 runtime")
        self.directory = directory
        self.port = port or free_port()
        self.address = f"127.0.0.1:{self.port}"
        self._settings = directory / "server.properties"
        self._java = [
            *(java, f"-Xmx{heap}", *JVM),
            f"-Dlog4j2.configurationFile={LOGGING}",
            *("-cp", f"{kafka_jars()}/*"),
        ]
        self.process = Process(
            "Apache Kafka",
            [*self._java, "kafka.Kafka", str(self._settings)],
            directory / "kafka.log",
        )

    def start(self) -> None:
        """Format the data folder if it is new, start, wait until the broker answers."""
        if not self._settings.exists():
            self._format()
        super().start()

    def wait_ready(self) -> None:
        """Wait until the broker tells its metadata."""
        self.process.wait_until(answers(self.address), READY_S, "answer")

    def _format(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        text = server_properties(
            data=str(self.directory / "data"),
            listen=self.address,
            advertised=self.address,
            controller_port=free_port(),
        )
        new = self._settings.with_suffix(".new")
        new.write_text(text)
        command = [*self._java, "kafka.tools.StorageTool", "format", "--standalone"]
        command += ["--cluster-id", CLUSTER_ID, "--config", str(new)]
        run = subprocess.run(command, capture_output=True, text=True, timeout=FORMAT_S, check=False)
        if run.returncode:
            raise ProcessFailed(f"the data folder was not formatted\n{run.stdout}{run.stderr}")
        new.rename(self._settings)
