"""One Keycloak on loopback, as in production but for TLS, hashing as we do."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from bench.rounds import Skipped
from deploy.local.ports import free_port
from deploy.local.process import Process
from deploy.local.server import Server
from services.identity.hashing import LANES, MEMORY_KIB, PASSES

HEAP = "512m"
"""What `bin/kc.sh` gives it by itself; with three times as much it holds more and is no faster."""
JVM = (
    *("-XX:MetaspaceSize=96M", "-XX:MaxMetaspaceSize=256m", "-XX:+UseG1GC", "-Xms64m"),
    "-XX:+ExitOnOutOfMemoryError",
    "--add-opens=java.base/java.util=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
    "--add-opens=java.base/java.security=ALL-UNNAMED",
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
    "--enable-native-access=ALL-UNNAMED",
    *("-Duser.language=en", "-Dfile.encoding=UTF-8", "-Dpicocli.disable.closures=true"),
    "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
    "-Dkc.config.built=true",
)
"""What `bin/kc.sh` gives it, which would start the JVM as a child that nobody could kill."""
MAIN = "io.quarkus.bootstrap.runner.QuarkusEntryPoint"
ADMIN = "banc"
"""Name and password of the administrator: on loopback, gone with the temporary folder."""
READY_S = 240
"""15 s here, most of it the schema of its database; assumed for a busy machine."""
OK = 200
ASK_S = 2.0


class Keycloak(Server):
    """Its database is a file in `directory`; `address` is its base URL."""

    def __init__(self, home: Path, directory: Path) -> None:
        java = shutil.which("java")
        if java is None:
            raise Skipped("pas de Java : Keycloak en demande un, 17 ou plus récent")
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._directory = directory
        self.process = Process(
            "Keycloak",
            [
                *(java, f"-Xmx{HEAP}", *JVM),
                f"-Dkc.home.dir={home}",
                f"-Djboss.server.config.dir={home / 'conf'}",
                *("-cp", str(home / "lib/quarkus-run.jar"), MAIN),
                *("start", "--optimized", "--cache=local"),
                *("--http-enabled=true", "--hostname-strict=false"),
                *("--http-host=127.0.0.1", f"--http-port={self.port}"),
                f"--db-url=jdbc:h2:file:{directory}/keycloak;NON_KEYWORDS=VALUE",
                f"--spi-password-hashing--argon2--memory={MEMORY_KIB}",
                f"--spi-password-hashing--argon2--iterations={PASSES}",
                f"--spi-password-hashing--argon2--parallelism={LANES}",
            ],
            directory / "keycloak.log",
            os.environ
            | {"KC_BOOTSTRAP_ADMIN_USERNAME": ADMIN, "KC_BOOTSTRAP_ADMIN_PASSWORD": ADMIN},
        )

    def start(self) -> None:
        """Start; an empty database is filled first."""
        self._directory.mkdir(parents=True, exist_ok=True)
        super().start()

    def wait_ready(self) -> None:
        """Wait until it shows its own realm."""
        self.process.wait_until(self._answers, READY_S, "answer")

    def stop(self) -> None:
        """Stop it, even if its time stands still."""
        self.process.send(signal.SIGCONT)
        super().stop()

    @contextmanager
    def awake(self) -> Iterator[None]:
        """Let it run; at the end its time stands still, so that it costs the others nothing."""
        self.process.send(signal.SIGCONT)
        try:
            yield
        finally:
            self.process.send(signal.SIGSTOP)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.address}/realms/master", timeout=ASK_S).status_code == OK
        except httpx.TransportError:
            return False
