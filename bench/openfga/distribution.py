"""The program OpenFGA: built once by Go from its module, kept under `.cache/openfga`."""

import os
import shutil
import subprocess
from pathlib import Path

from bench.rounds import Skipped
from deploy.local.maven import CACHE, brought
from deploy.local.process import ProcessFailed

VERSION = "v1.22.1"
MODULE = "github.com/openfga/openfga/cmd/openfga"
BUILD_S = 1_800
"""Five minutes on two cores, its modules fetched first; assumed for a busy machine."""


def openfga() -> Path:
    """The program. Raises `Skipped` if it cannot be built here."""
    try:
        return brought(CACHE / "openfga" / VERSION, _build) / "openfga"
    except (ProcessFailed, subprocess.TimeoutExpired) as error:
        raise Skipped(f"OpenFGA {VERSION} n’a pas pu être construit : {error}") from error


def _build(folder: Path) -> None:
    go = shutil.which("go")
    if go is None:
        raise ProcessFailed("no go")
    folder.mkdir()
    run = subprocess.run(  # noqa: S603 (a pinned version, verified by Go's own checksums)
        [go, "install", f"{MODULE}@{VERSION}"],
        env={**os.environ, "GOBIN": str(folder)},
        capture_output=True,
        text=True,
        timeout=BUILD_S,
        check=False,
    )
    if run.returncode:
        raise ProcessFailed(f"go install failed\n{run.stderr[-2000:]}")
