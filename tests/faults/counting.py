"""A service that tells which messages reached its decisions.

`python -m tests.faults.counting identity run`; each line on stderr is
`{"event": "decided", "id": …}`. Production code has no such hook.
"""

import json
import os
import runpy
import sys

from shared.path.group import Group
from shared.path.work import Ask


def install() -> None:
    """Tell of each message before it is decided."""
    original = Group._ask

    def watched(self: Group, work: Ask) -> object:
        line = json.dumps({"event": "decided", "id": work.request.id})
        os.write(2, line.encode() + b"\n")
        return original(self, work)

    Group._ask = watched  # type: ignore[assignment, method-assign]


def main() -> None:
    """Run the service named first, with its own arguments behind."""
    service = sys.argv[1]
    sys.argv = [f"services.{service}", *sys.argv[2:]]
    install()
    runpy.run_module(f"services.{service}", run_name="__main__")


if __name__ == "__main__":
    main()
