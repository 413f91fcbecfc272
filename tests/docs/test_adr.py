"""Decisions: their form, and the code that cites them."""

import ast
import re
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest

from shared.contracts import topics
from tests.docs.pages import ROOT

FOLDER = ROOT / "docs" / "adr"
ADRS = {path.name[:4]: path for path in sorted(FOLDER.glob("*.md"))}
CODE = ("services", "shared", "deploy", "tests", "bench")
FILES = ("pyproject.toml", "Makefile", "docker-compose.yml", ".ci/run")
SECTIONS = ["Context", "Decision", "Consequences", "Alternatives", "Revisit when", "Enforced by"]
PAGE_LINES = 90
"""One page, read without turning."""

SAID = {
    ("shared/path/pace.py", "MOST"): (500, "**500**"),
    ("shared/path/pace.py", "TARGET_S"): (0.1, "**100 ms**"),
    ("shared/kafka/broker.py", "POLL_RECORDS"): (2_000, "**2 000**"),
    ("shared/kafka/door.py", "SLICE"): (250, "**250**"),
    ("shared/kafka/drain.py", "LEFT_BEHIND_MS"): (2_000, "**2 s**"),
    ("shared/kafka/producer.py", "ROUND_S"): (15.0, "**15 s**"),
    ("shared/http/door.py", "FULL"): (10_000, "**10 000**"),
    ("shared/mongo/acces_refuses.py", "KEPT"): (timedelta(days=365), "**12 months**"),
    ("shared/mongo/acces_refuses.py", "MOST"): (200, "**200** rows of one actor"),
    ("shared/kafka/drain.py", "MOST_QUEUED"): (10_000, "**10 000**"),
    ("shared/contracts/topics.py", "EVENT_BYTES"): (256 * 1024, "**256 KiB**"),
    ("shared/contracts/topics.py", "DEAD_LETTER_BYTES"): (
        topics.RECORD_BYTES + 64 * 1024,
        "**+ 64 KiB**",
    ),
    ("shared/kafka/records.py", "MOST_HEADERS"): (20, "**20** headers"),
    ("shared/kafka/records.py", "HEADERS_BYTES"): (8 * 1024, "**8 KiB**"),
    ("shared/kafka/records.py", "DEEPEST"): (32, "nesting of **32**"),
    ("shared/kafka/door.py", "PATIENCE_S"): (45.0, "**45 s**"),
    ("shared/security/tokens.py", "LIFETIME"): (None, "**5 minutes**"),
    ("shared/contracts/headers.py", "VISIBLE"): (None, "**128**"),
    ("deploy/local/environment.py", "DEADLINES_PER_LIFETIME"): (3, "**third**"),
    ("deploy/local/mongod.py", "TRANSACTION_LIFETIME_S"): (6, "**6 s**"),
    ("deploy/local/mongod.py", "HISTORY_S"): (5, "gone for **5 s**"),
    ("services/identity/domain/mot_de_passe.py", "TEMPORARY_LIFETIME"): (None, "**24 h from"),
    ("services/identity/domain/essais.py", "LIMITES"): (None, "**5** failures in a row"),
    ("bench/rows/commands.py", "BARS"): ({"apache": 8.0, "embedded": 3.0}, "**8 ×**"),
    ("bench/rows/commands.py", "GOAL"): (15.0, "**15 ×**"),
    ("bench/rows/http.py", "BAR"): (0.5, "**0.5 ×**"),
    ("bench/rows/http.py", "CLIENTS"): (16, "**16** clients"),
    ("bench/rows/hot.py", "HOT"): (40, "**40** hot accounts"),
    ("bench/rows/hot.py", "BY_TOPIC"): (200, "**200**/s by topic"),
    ("bench/rows/hot.py", "BY_HTTP"): (50, "**50**/s over HTTP"),
    ("bench/rows/hot.py", "P95_MS"): (1_000.0, "p95 at most **1 s**"),
    ("bench/rows/latency.py", "RATE"): (60, "**60** commands/s"),
    ("bench/rows/latency.py", "MEDIAN_BAR"): (0.67, "median at most **1.5 ×**"),
    ("bench/rows/latency.py", "P99_BAR"): (0.5, "p99 at most **2 ×**"),
    ("bench/rows/projection.py", "BAR"): (0.7, "**0.7 ×**"),
    ("bench/mailing.py", "BAR"): (0.8, "**0.8 ×**"),
    ("bench/rows/account_to_mails.py", "RATE"): (10, "**10** accounts/s"),
    ("bench/rows/account_to_mails.py", "P95_MS"): (2_000.0, "p95 at most **2 s**"),
    ("bench/rows/sign_ins.py", "RATE_BAR"): (2.5, "**2.5 ×** its rate"),
    ("bench/rows/sign_ins.py", "P95_BAR"): (2.0, "p95 at most **half**"),
    ("bench/rows/sign_ins.py", "MEMORY_BAR"): (6.0, "**a sixth**"),
    ("bench/rows/memory.py", "LIMIT_MB"): (130.0, "**130 MB**"),
    ("shared/droits/droits.py", "STALE_S"): (5.0, "more than **5 s** behind"),
    ("shared/droits/droits.py", "MOST_PEOPLE"): (10_000, "at most **10 000** people"),
    ("shared/droits/droits.py", "NEWS_S"): (2.0, "Without news for **2 s**"),
    ("bench/rows/droits.py", "DECISION_MS"): (0.05, "**0.05 ms**"),
    ("bench/rows/droits.py", "EXPLANATION_MS"): (0.2, "**0.2 ms**"),
    ("deploy/clock.py", "MOVABLE"): (("test", "demo"), "only a test or demo platform"),
}
"""Constant → its value where it is a plain one, and the words of the decision that say it."""


def sources() -> list[Path]:
    paths = [path for folder in CODE for path in (ROOT / folder).rglob("*.py")]
    return [*paths, *(ROOT / name for name in FILES)]


def cited_constants() -> tuple[dict[tuple[str, str], str], set[tuple[str, str]]]:
    """Constants above a docstring that cites a decision → its number; and those right above it."""
    found: dict[tuple[str, str], str] = {}
    nearest: set[tuple[str, str]] = set()
    for path in sources():
        if path.suffix != ".py" or path.is_relative_to(ROOT / "tests"):
            continue
        place = path.relative_to(ROOT).as_posix()
        above: list[ast.stmt] = []
        for node in ast.parse(path.read_text()).body:
            cited = re.search(r"ADR-(\d{4})", docstring(node))
            if cited is not None:
                found |= {(place, name): cited[1] for each in above for name in names(each)}
                nearest |= {(place, name) for each in above[-1:] for name in names(each)}
            joined = bool(above) and above[-1].end_lineno == node.lineno - 1
            above = [*(above if joined else []), node] if isinstance(node, ast.Assign) else []
    return found, nearest


def docstring(node: ast.stmt) -> str:
    """The text of a string that stands alone, as the docstring of a constant does."""
    alone = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return str(node.value.value) if alone else ""  # type: ignore[attr-defined]


def names(node: ast.stmt) -> list[str]:
    """The constants that an assignment makes."""
    targets = node.targets if isinstance(node, ast.Assign) else []
    found = [each for target in targets for each in getattr(target, "elts", [target])]
    return [each.id for each in found if isinstance(each, ast.Name) and each.id.isupper()]


@pytest.mark.parametrize("number", ADRS)
def test_decision_has_its_parts_on_one_page(number: str) -> None:
    text = ADRS[number].read_text()
    lines = text.splitlines()
    assert re.match(rf"# {number}\. \S", lines[0])
    assert re.fullmatch(
        r"Status: (accepted|superseded by \d{4}) · Date: \d{4}-\d\d-\d\d · Area: .+", lines[2]
    )
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS
    assert "**" in text.partition("## Decision")[2].partition("##")[0]
    assert len(lines) <= PAGE_LINES


def test_decisions_are_numbered_without_gap() -> None:
    assert [int(number) for number in ADRS] == list(range(1, len(ADRS) + 1))
    assert len(list(FOLDER.iterdir())) == len(ADRS)


def test_every_citation_finds_its_decision() -> None:
    for path in sources():
        text = path.read_text()
        for number in re.findall(r"ADR-(\d+)", text):
            assert number in ADRS, f"{path.name}: ADR-{number}"
        for name in re.findall(r"docs/adr/(\d{4}-[a-z-]+\.md)", text):
            assert (FOLDER / name).exists(), f"{path.name}: {name}"


def test_every_constant_that_cites_a_decision_is_said_there() -> None:
    cited, nearest = cited_constants()
    assert nearest <= SAID.keys() <= cited.keys()
    for constant, (_, words) in SAID.items():
        assert words in ADRS[cited[constant]].read_text(), constant


@pytest.mark.parametrize(("place", "name"), SAID)
def test_constant_has_the_value_that_the_decision_says(place: str, name: str) -> None:
    module = import_module(place.removesuffix(".py").replace("/", "."))
    value, _ = SAID[place, name]
    if value is not None:
        assert getattr(module, name) == value
