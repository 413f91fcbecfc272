"""The part of requirements.lock that the services need at run time: no mongod, no test tool.

    python deploy/docker/runtime_lock.py requirements.lock > runtime.lock

Only the standard library: it runs while the image is built, before anything is installed. The lock
says which package each one is there for (`# via`); what the project's own dependencies lead to is
kept, with its hashes. `pip install --require-hashes` refuses the result if anything is missing.
"""

import re
import sys
from pathlib import Path

PROJECT = "(pyproject.toml)"
"""How the lock names the project's own dependencies; a group's are `(pyproject.toml:<group>)`."""
_NAME = re.compile(r"[A-Za-z0-9._-]+")


def blocks(lock: str) -> dict[str, str]:
    """Each package's lines: its version, its hashes, what it is there for."""
    found: dict[str, str] = {}
    name = ""
    for line in lock.splitlines(keepends=True):
        start = _NAME.match(line)
        if start is not None:
            name = start.group()
        if name:
            found[name] = found.get(name, "") + line
    return found


def reasons(block: str) -> set[str]:
    """What a package is there for: packages, or the project."""
    said = [line.strip().removeprefix("#").strip() for line in block.splitlines() if "#" in line]
    return {reason.removeprefix("via").strip() for reason in said} - {""}


def runtime_lock(lock: str) -> str:
    """The packages that the project's own dependencies lead to."""
    found = blocks(lock)
    whys = {name: reasons(block) for name, block in found.items()}
    kept = {name for name, why in whys.items() if any(each.endswith(PROJECT) for each in why)}
    while True:
        more = {name for name, why in whys.items() if name not in kept and why & kept}
        if not more:
            return "".join(block for name, block in found.items() if name in kept)
        kept |= more


if __name__ == "__main__":
    sys.stdout.write(runtime_lock(Path(sys.argv[1]).read_text()))
