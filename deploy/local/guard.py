"""Run a command that dies with its parent, even when the parent is killed with SIGKILL.

Started as a script (`python -I -S guard.py <parent pid> <command…>`): it asks the kernel for the
signal, then becomes the command, so that pid and signals are those of the command.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
"""`prctl(2)`, Linux only; it survives `execve(2)`."""


def main(parent: int, command: list[str]) -> None:
    """Become `command`, bound to the life of `parent`."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before the kernel was asked
        sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606 (that is what this script is for)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
