"""The foreign programs: where they are, how they run, what happens without them."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = Path(__file__).parent / "js"
INSTALLED = ROOT / ".cache" / "interop"
RUN_S = 60
"""How long a foreign program may take; assumed."""
INSTALL_S = 300
"""How long npm may take on a slow line; assumed."""


def missing(what: str) -> NoReturn:
    """A foreign program is missing: a failure in CI, where nothing may be, else a skip."""
    if os.environ.get("CI", "").lower() in {"", "0", "false"}:
        pytest.skip(what)
    pytest.fail(what)


def find(program: str, package: str) -> str:
    """Where a program is; `package` is the Debian package that has it."""
    path = shutil.which(program)
    if path is None:
        missing(f"{program} is not installed (Debian package {package})")
    return path


def run(
    command: Sequence[str | Path],
    *,
    text: str | None = None,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    deadline_s: float = RUN_S,
) -> "subprocess.CompletedProcess[str]":
    """Run a program to its end, whatever its exit code; `text` goes to its standard input."""
    return subprocess.run(  # noqa: S603 (our own commands)
        [str(part) for part in command],
        input=text,
        cwd=cwd,
        env=None if environment is None else {**os.environ, **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=deadline_s,
        check=False,
    )


def install_js() -> Path:
    """The folder of our scripts with the packages of `js/package.json`, installed once."""
    npm = find("npm", "npm")
    find("node", "nodejs")
    scripts = sorted(SCRIPTS.glob("*.mjs"))
    manifest = (SCRIPTS / "package.json").read_bytes()
    INSTALLED.mkdir(parents=True, exist_ok=True)
    mark = INSTALLED / "installed"
    wanted = hashlib.sha256(manifest).hexdigest()
    with (INSTALLED / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests run side by side
        for script in scripts:
            shutil.copy(script, INSTALLED)
        if not mark.exists() or mark.read_text() != wanted:
            (INSTALLED / "package.json").write_bytes(manifest)
            _install(npm)
            mark.write_text(wanted)
    return INSTALLED


def naughty_strings() -> list[str]:
    """The strings of the Big List of Naughty Strings: what breaks those that expect names."""
    listed = install_js() / "node_modules" / "big-list-of-naughty-strings" / "blns.json"
    strings: list[str] = json.loads(listed.read_text(encoding="utf-8"))
    return strings


def _install(npm: str) -> None:
    quiet = ("--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts")
    try:
        done = run([npm, "install", *quiet], cwd=INSTALLED, deadline_s=INSTALL_S)
    except subprocess.TimeoutExpired:
        missing(f"npm install not done within {INSTALL_S} s")
    if done.returncode:
        missing(f"npm install failed: {done.stderr[-1_000:]}")
