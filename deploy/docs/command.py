"""`python -m deploy docs`: write the generated documents, or check them."""

import argparse
import sys
from pathlib import Path

from deploy.docs.generated import ROOT, SCHEMAS, drift, write
from deploy.docs.history import History, HistoryUnreadable, folder_history, git_history
from deploy.docs.promise import PUBLISHED, broken_promises

DONE, FAILED, MISUSED = 0, 1, 2


def add_docs(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to those of `python -m deploy`."""
    docs = commands.add_parser(
        "docs",
        help="write what is made of the code: schemas, AsyncAPI, topics, states, mails",
        epilog="example: python -m deploy docs --check --compatible-with HEAD",
    )
    docs.add_argument(
        "--check", action="store_true", help="write nothing, fail and name what differs"
    )
    docs.add_argument(
        "--compatible-with",
        metavar="REF|DIR",
        help="write nothing, fail on what breaks a schema committed up to this git reference, "
        "or kept in this folder",
    )
    docs.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command; 0 done, 1 drift or broken promise, 2 no such reference."""
    results = []
    if options.check:
        results.append(_check())
    if options.compatible_with:
        results.append(_compare(options.compatible_with))
    if not results:
        changed = write()
        print(*(changed or ["nothing to write"]), sep="\n")
    return max(results, default=DONE)


def _check() -> int:
    changed = drift()
    for path in changed:
        print(f"{path}: differs from what it is made of (python -m deploy docs)", file=sys.stderr)
    return FAILED if changed else DONE


def _compare(reference: str) -> int:
    try:
        history = _history(reference)
    except HistoryUnreadable as error:
        print(error, file=sys.stderr)
        return MISUSED
    if history.notice:
        print(f"compatibility: {history.notice}")
    broken = broken_promises(history)
    print(*broken, sep="\n", end="\n" if broken else "", file=sys.stderr)
    print(f"compatibility: {len(history.texts)} earlier texts compared, {len(broken)} breaks")
    return FAILED if broken else DONE


def _history(reference: str) -> History:
    if Path(reference).is_dir():
        return folder_history(Path(reference), SCHEMAS)
    return git_history(reference, ROOT, PUBLISHED)
