"""Maven brings what is no Python: each thing once, into a folder of its own under `.cache`."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

from deploy.local.process import ROOT, ProcessFailed

CACHE = ROOT / ".cache"
MAVEN_S = 600
"""What one goal may take; on a first run Maven also fetches its own plugins; assumed."""


def pinned(pom: Path, name: str) -> str:
    """The version that a pom pins in its properties."""
    version = ET.parse(pom).findtext(f".//{{*}}{name}")  # noqa: S314 (our own file)
    if version is None:
        raise ProcessFailed(f"{pom.name} pins no {name}")
    return version


def brought(folder: Path, fill: Callable[[Path], None]) -> Path:
    """The folder; if it is not there yet, what `fill` wrote into the path that it is given."""
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as partial:
        made = Path(partial) / folder.name
        fill(made)
        try:
            made.rename(folder)
        except OSError:  # another run was faster
            if not folder.exists():
                raise
    return folder


def run_maven(pom: Path, goal: str, *options: str) -> None:
    """Run one goal on a pom. ProcessFailed, with what Maven said, if it fails."""
    mvn = shutil.which("mvn")
    if mvn is None:
        raise ProcessFailed("no mvn: Maven and a Java 17 runtime are needed")
    command = [mvn, "-q", "-B", "-f", str(pom), goal, *options]
    run = subprocess.run(
        command, capture_output=True, text=True, timeout=MAVEN_S, check=False, env=os.environ
    )
    if run.returncode:
        raise ProcessFailed(f"mvn failed\n{run.stdout}{run.stderr}")
