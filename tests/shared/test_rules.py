"""Every rule of the path has its tests, and they exist: `RULES.md` beside this file."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEADING = re.compile(r"^## ([FP]?[0-9]+)\. ", re.MULTILINE)
TEST = re.compile(r"`(tests/[a-z0-9_/]+\.py)::(test_[a-z0-9_]+)`")
EXPECTED = [
    *map(str, range(1, 15)),
    *(f"F{number}" for number in range(1, 10)),
    *(f"P{number}" for number in range(1, 10)),
]


def sections() -> dict[str, str]:
    text = (Path(__file__).parent / "RULES.md").read_text(encoding="utf-8")
    _, *parts = HEADING.split(text)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_every_rule_and_every_trap_is_there():
    assert list(sections()) == EXPECTED


@pytest.mark.parametrize("rule", EXPECTED)
def test_the_tests_of_a_rule_exist(rule: str):
    tests = TEST.findall(sections()[rule])
    assert tests
    for file, name in tests:
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        functions = (ast.FunctionDef, ast.AsyncFunctionDef)
        assert name in {node.name for node in tree.body if isinstance(node, functions)}, file


def test_no_line_names_a_test_that_is_not_read():
    lines = (Path(__file__).parent / "RULES.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if "::" in line and not TEST.search(line)] == []
