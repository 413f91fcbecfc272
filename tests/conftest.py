"""Fixtures and markers of every test."""

pytest_plugins = ["tests.harness.fixtures"]
