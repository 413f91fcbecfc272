"""The pages of the project, and what they name: commands, links, paths."""

import re
import shlex
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
GENERATED = {"docs/topics.md", "docs/benchmarks.md"}
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Page:
    """One Markdown page."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def text(self) -> str:
        return self.path.read_text()

    @property
    def prose(self) -> str:
        """The page without its blocks of code."""
        return FENCE.sub("", self.text)

    @property
    def inline(self) -> list[str]:
        """What stands between backticks in the prose."""
        return INLINE.findall(self.prose)

    @property
    def links(self) -> list[str]:
        """The targets of its links that are no web address."""
        return [link for link in LINK.findall(self.prose) if "://" not in link]

    @property
    def anchors(self) -> set[str]:
        """The anchors of its headings, as forges make them."""
        return {anchor(heading) for heading in HEADING.findall(self.prose)}

    def shell(self) -> Iterator[list[str]]:
        """The commands of its `sh` blocks."""
        for _, language, body in FENCE.findall(self.text):
            if language == "sh":
                yield from (shlex.split(line) for line in body.splitlines() if line.strip())

    def commands(self) -> Iterator[list[str]]:
        """The commands that it tells the reader to run, in blocks and between backticks."""
        yield from self.shell()
        for words in self.inline:
            if re.match(r"(make|python -m|docker compose) ", words):
                yield shlex.split(words)


def anchor(heading: str) -> str:
    """The anchor of a heading: small letters, no punctuation, hyphens for spaces."""
    kept = (
        char for char in heading.lower() if char in " -_" or unicodedata.category(char)[0] in "LN"
    )
    return "".join(kept).replace(" ", "-")


def pages() -> list[Page]:
    """Every page that a person wrote."""
    folders = ("", "docs", "docs/adr", "services/*", "tests/*", "bench", "deploy", "deploy/*")
    found = {path for folder in folders for path in ROOT.glob(f"{folder}/*.md".lstrip("/"))}
    return [Page(path) for path in sorted(found) if Page(path).name not in GENERATED]
