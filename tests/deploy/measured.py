"""The metrics that the services show, as Prometheus names them."""

import importlib
import pkgutil
from importlib.util import find_spec

from prometheus_client import Counter, Gauge, Histogram

import services
from shared.observability import metrics


def metric_names() -> dict[str, str]:
    """Name of each metric → its kind; a histogram without its suffixes."""
    modules = [metrics]
    for each in pkgutil.iter_modules(services.__path__):
        name = f"services.{each.name}.metrics"
        if find_spec(name) is not None:
            modules.append(importlib.import_module(name))
    found: dict[str, str] = {}
    for module in modules:
        for value in vars(module).values():
            if isinstance(value, Counter | Gauge | Histogram):
                for family in value.describe():
                    suffix = "_total" if family.type == "counter" else ""
                    found[family.name + suffix] = family.type
    return found
