"""Fixtures and markers of every test."""

import pytest

pytest_plugins = ["tests.harness.fixtures"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long ones: nobody waits for one of them at the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
