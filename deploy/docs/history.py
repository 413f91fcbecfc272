"""What was published before: every version that git has committed, or a folder of schemas."""

import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ABSENT = "0" * 40


class HistoryUnreadable(RuntimeError):
    """The earlier versions cannot be read: nothing can be promised."""


@dataclass(frozen=True)
class Earlier:
    """One earlier text of a published file, by its path in the tree."""

    path: str
    text: str


@dataclass(frozen=True)
class History:
    """What was published earlier, each text once; `notice` tells what could not be seen."""

    texts: tuple[Earlier, ...]
    notice: str | None = None


def folder_history(folder: Path, under: str) -> History:
    """The schemas of a folder, as if they had been published at `under`.

    Raises: HistoryUnreadable when it holds none: an empty comparison proves nothing.
    """
    files = sorted(folder.glob("*.json"))
    if not files:
        raise HistoryUnreadable(f"no schema in {folder}")
    return History(tuple(Earlier(f"{under}/{f.name}", f.read_text("utf-8")) for f in files))


def git_history(reference: str, root: Path, paths: Iterable[str]) -> History:
    """Every version of these paths that was ever committed on the way to `reference`.

    All of them, not the last one: in CI the last commit is the change itself.
    Raises: HistoryUnreadable for a reference or a repository that git cannot read.
    """
    if not (root / ".git").exists():
        return _nothing_yet(reference, "not a git repository")
    if not _git(root, "rev-list", "--max-count=1", "--all").strip():
        return _nothing_yet(reference, "nothing is committed yet")
    commit = _git(root, "rev-parse", "--verify", f"{reference}^{{commit}}").strip()
    log = ("log", "--format=", "--raw", "--no-abbrev", "--no-renames", "-m", commit, "--")
    seen = dict.fromkeys(_blobs(_git(root, *log, *paths)))
    texts = tuple(Earlier(path, _git(root, "cat-file", "blob", blob)) for path, blob in seen)
    shallow = _git(root, "rev-parse", "--is-shallow-repository").strip() == "true"
    return History(texts, "shallow clone: versions before it are not seen" if shallow else None)


def _nothing_yet(reference: str, why: str) -> History:
    if reference != "HEAD":
        raise HistoryUnreadable(f"{reference}: {why}")
    return History((), why)


def _blobs(log: str) -> Iterator[tuple[str, str]]:
    """(path, blob) of both sides of each change of `git log --raw`."""
    for line in log.splitlines():
        if line.startswith(":"):
            description, _, path = line.partition("\t")
            for blob in description.split()[2:4]:
                if blob != ABSENT:
                    yield path, blob


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments],
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
    except OSError as error:
        raise HistoryUnreadable(f"git does not run: {error}") from error
    if done.returncode:
        raise HistoryUnreadable(f"git {arguments[0]}: {done.stderr.strip()}")
    return done.stdout
