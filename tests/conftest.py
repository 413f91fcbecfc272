"""Fixtures and markers of every test."""

import os

import pytest

pytest_plugins = ["tests.harness.fixtures"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long ones: nobody waits for one of them at the end.

    `--dist worksteal` cuts the list into as many slices as there are processes: each begins with
    its own share of them, the faults in the first, so that they hardly meet one another.
    """
    slices = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    long = [item for item in items if item.get_closest_marker("long")]
    long.sort(key=lambda item: "tests/faults" not in item.path.as_posix())
    short = [item for item in items if not item.get_closest_marker("long")]
    items[:] = [
        item
        for number in range(slices)
        for each in (long, short)
        for item in each[len(each) * number // slices : len(each) * (number + 1) // slices]
    ]
