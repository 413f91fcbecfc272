"""Processes die with their parent, ports and folders stay apart."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from deploy.local.ports import FIRST, LAST, free_port, listens
from deploy.local.process import ROOT, Process, ProcessFailed
from deploy.local.workdir import PREFIX, work_directory

SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]
PARENT = """
import signal, sys
from deploy.local.servers import running_servers
with running_servers() as servers:
    started = (servers.mongod, servers.broker, servers.sink)
    print(*(server.pid for server in started), servers.directory, flush=True)
    signal.pause()
"""


@pytest.mark.connected
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_servers_die_with_their_parent(number: signal.Signals) -> None:
    with subprocess.Popen(  # noqa: S603 (our own script)
        [sys.executable, "-c", PARENT],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
        env={**os.environ, "KAFKA": "embedded", "KAFKA_BOOTSTRAP": "", "MONGO_URI": ""},
    ) as parent:
        assert parent.stdout is not None
        *pids, folder = parent.stdout.readline().split()
        servers = [psutil.Process(int(pid)) for pid in pids]
        parent.send_signal(number)
    _, alive = psutil.wait_procs(servers, timeout=10)
    assert alive == []
    assert Path(folder).exists() == (number == signal.SIGKILL)
    with work_directory():  # the next run removes what a killed one left
        assert not Path(folder).exists()


def test_folder_of_a_living_run_stays() -> None:
    with work_directory() as first:
        with work_directory() as second:
            assert first.exists()
            assert first != second
        assert not second.exists()
    assert not first.exists()
    assert first.parent == Path(tempfile.gettempdir())
    assert first.name.startswith(PREFIX)


def test_stop_waits_then_kills(tmp_path: Path) -> None:
    stubborn = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); "
    process = Process(
        "stubborn", [sys.executable, "-c", f"{stubborn}time.sleep(600)"], tmp_path / "log"
    )
    process.start()
    process.wait_until(lambda: "1" in process.tail(), 10, "started")
    assert process.stop(timeout_s=0.2) == -signal.SIGKILL


def test_failure_shows_the_log(tmp_path: Path) -> None:
    process = Process("broken", [sys.executable, "-c", "raise SystemExit('why')"], tmp_path / "log")
    process.start()
    with pytest.raises(ProcessFailed, match="why"):
        process.wait_until(lambda: False, 10, "never")
    assert process.exit_code == 1


def test_pid_is_that_of_the_command(tmp_path: Path) -> None:
    process = Process("sleeper", SLEEPER, tmp_path / "log")
    process.start()
    process.wait_until(
        lambda: psutil.Process(process.pid).cmdline() == SLEEPER, 10, "the command itself"
    )
    process.kill()
    assert process.exit_code == -signal.SIGKILL


def test_ports_are_below_the_ephemeral_range() -> None:
    ports = {free_port() for _ in range(50)}
    assert len(ports) == 50
    assert all(FIRST <= port < LAST and not listens(port) for port in ports)
