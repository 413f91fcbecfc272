"""Prints every metric of the platform, each touched once (`python -m` runs it).

A metric with labels shows nothing before its first use. In a process of its own, so that the
counters of other tests stay as they are.
"""

import importlib
import importlib.util
import pkgutil
import sys
from types import ModuleType

from prometheus_client import Counter, Gauge, Histogram, Summary, generate_latest

import services
from shared.observability import metrics

Metric = Counter | Gauge | Histogram | Summary


def main() -> None:
    """Touch and print."""
    for module in (metrics, *_of_services()):
        for value in vars(module).values():
            if isinstance(value, Metric):
                _touch(value)
    sys.stdout.write(generate_latest().decode())


def _of_services() -> list[ModuleType]:
    names = [f"services.{each.name}.metrics" for each in pkgutil.iter_modules(services.__path__)]
    return [importlib.import_module(name) for name in names if importlib.util.find_spec(name)]


def _touch(metric: Metric) -> None:
    used = metric.labels(*["essai"] * len(metric._labelnames)) if metric._labelnames else metric
    if isinstance(used, Counter | Gauge):
        used.inc()
    else:
        used.observe(1)


if __name__ == "__main__":
    main()
