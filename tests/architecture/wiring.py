"""A service wired in the test's own process, as its process builds it; it connects to nothing."""

import importlib
import os
from pathlib import Path
from typing import cast

import pytest

from deploy.local.environment import PlatformSettings
from deploy.local.keys import KeyMaterial
from deploy.local.servers import Servers
from shared.service import Service
from tests.harness.platform import SERVICES

NOWHERE = {
    "KAFKA_BOOTSTRAP": "127.0.0.1:1",
    "MONGO_URI": "mongodb://127.0.0.1:1/?replicaSet=mcp",
    "SMTP_URL": "smtp://127.0.0.1:1",
}


def settings_of(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a service's variables in the environment, and no other of that service."""
    servers = Servers(Path(), "external", None, None, None, NOWHERE)
    settings = PlatformSettings(servers, KeyMaterial.make((*SERVICES, name)))
    for variable in [each for each in os.environ if each.startswith(f"{name.upper()}_")]:
        monkeypatch.delenv(variable)
    for variable, value in settings.environment(name, 8001).items():
        monkeypatch.setenv(variable, value)


def wired(name: str, monkeypatch: pytest.MonkeyPatch) -> Service:
    """A service of the platform, wired as in a local run."""
    settings_of(name, monkeypatch)
    module = importlib.import_module(f"services.{name}.settings")
    build = importlib.import_module(f"services.{name}.app").build
    return cast("Service", build(getattr(module, f"{name.capitalize()}Settings")()))
