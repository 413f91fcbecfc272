"""How many cores each process used while something was measured."""

import time
from collections.abc import Mapping
from statistics import median

import psutil

Cores = dict[str, float]


class CpuWatch:
    """Counts the CPU seconds of processes from now on; names may cover several processes."""

    def __init__(self, pids: Mapping[str, list[int]]) -> None:
        self._processes = {
            name: [psutil.Process(pid) for pid in some] for name, some in pids.items() if some
        }
        self._before = self._seconds()
        self._started = time.perf_counter()

    def cores(self) -> Cores:
        """Cores in use since the start, by name (1.0 is one core all the time)."""
        elapsed = max(time.perf_counter() - self._started, 1e-3)
        return {
            name: (seconds - self._before[name]) / elapsed
            for name, seconds in self._seconds().items()
        }

    def _seconds(self) -> Cores:
        return {
            name: sum(sum(process.cpu_times()[:2]) for process in some)
            for name, some in self._processes.items()
        }


def rss_mb(pid: int) -> float:
    """Resident memory of a process, in millions of bytes."""
    return float(psutil.Process(pid).memory_info().rss) / 1e6


def say_cores(rounds: list[Cores]) -> str:
    """The medians of several rounds in French: « identity 0,97 ; mongod 0,42 »."""
    names = {name: None for each in rounds for name in each}
    parts = [
        f"{name} {median(each[name] for each in rounds if name in each):.2f}".replace(".", ",")
        for name in names
    ]
    return " ; ".join(parts)
