"""What nobody may do in this house, whatever file it is in."""

import ast
import configparser
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("shared", "services", "deploy", "bench", "tests")
OURS = ("shared", "services")
LONGEST_FILE, LONGEST_TEST_FILE = 400, 500
"""Lines (style guide): rarely right above."""
DRIVERS = {"motor", "pymongo", "bson"}
SLEEPERS = {"time.sleep", "asyncio.sleep", "anyio.sleep"}


def files(*packages: str) -> list[Path]:
    return sorted(
        path
        for package in packages
        for path in (ROOT / package).rglob("*.py")
        if "node_modules" not in path.parts
    )


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def trees(*packages: str) -> Iterator[tuple[str, ast.Module]]:
    for path in files(*packages):
        yield name_of(path), ast.parse(path.read_text(encoding="utf-8"))


def dotted(node: ast.expr) -> str:
    """What is called, as written: `asyncio.sleep`, `broker.subscriber`."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def calls(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield dotted(node.func)


def imports(tree: ast.Module) -> Iterator[str]:
    """The modules that a file imports, from anywhere in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def roots(tree: ast.Module) -> set[str]:
    return {name.partition(".")[0] for name in imports(tree)}


def callers(of: str, *packages: str) -> set[str]:
    """The files that call something of that last name."""
    return {
        file
        for file, tree in trees(*packages)
        if any(call.rpartition(".")[2] == of for call in calls(tree))
    }


# -- one seam for each library --------------------------------------------------------------------


def test_brokers_and_subscribers_are_made_in_one_place():
    factory = {"shared/kafka/broker.py"}
    assert callers("subscriber", *OURS, "deploy") == factory
    assert callers("KafkaBroker", *OURS, "deploy") == set()
    subclasses = {
        file
        for file, tree in trees(*OURS, "deploy")
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and "KafkaBroker" in map(dotted, node.bases)
    }
    assert subclasses == factory


def test_nothing_is_published_by_the_framework():
    """Results leave by the outbox: a publisher of the framework sends empty messages on errors."""
    assert callers("publisher", *OURS) == set()
    users = {file for file, tree in trees(*OURS) if "faststream" in roots(tree)}
    assert users <= {
        "shared/kafka/broker.py",
        "shared/observability/tracing.py",
        "shared/runtime.py",
    }


def test_no_test_proves_a_delivery_in_memory():
    assert callers("TestKafkaBroker", "tests") == set()


def test_the_driver_stays_behind_its_seam():
    users = {file for file, tree in trees(*OURS) if roots(tree) & DRIVERS}
    assert {file for file in users if not file.startswith("shared/mongo/")} == set()


def test_of_a_service_only_its_store_and_what_stands_beside_it_know_the_seam():
    rooms = ("/domain/", "/handlers/", "/routes/", "/clients/")
    users = {
        file
        for file, tree in trees("services")
        if any(name.startswith("shared.mongo") for name in imports(tree))
    }
    assert {file for file in users if any(room in file for room in rooms)} == set()


def test_the_time_is_told_by_the_clock_only():
    told = {"now", "utcnow", "today"}
    users = {
        file
        for file, tree in trees(*OURS)
        for call in calls(tree)
        if call.rpartition(".")[2] in told
        and call.rpartition(".")[0].rpartition(".")[2] in {"datetime", "date"}
    }
    assert users == {"shared/clock.py"}
    assert {file for file, tree in trees(*OURS) if "time.time" in calls(tree)} == set()


def test_the_environment_is_read_by_the_settings_only():
    users = {
        file
        for file, tree in trees(*OURS)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and dotted(node) in {"os.environ", "os.getenv"}
    }
    assert users == set()


def test_decisions_are_synchronous():
    """A decision that awaits is no decision: it would be taken outside the order of its group."""
    found = {
        f"{file}:{node.lineno}"
        for file, tree in trees("services")
        if "/domain/" in file
        for node in ast.walk(tree)
        if isinstance(node, ast.AsyncFunctionDef | ast.Await)
    }
    assert found == set()


def test_the_import_contracts_are_kept():
    done = subprocess.run(  # noqa: S603 - our own tool
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_every_service_is_in_the_import_contracts():
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    services = {
        f"services.{path.name}"
        for path in (ROOT / "services").iterdir()
        if (path / "app.py").exists()
    }
    (independence,) = [each for each in contracts if each["type"] == "independence"]
    (layers,) = [each for each in contracts if each["type"] == "layers"]
    assert set(independence["modules"]) == services
    assert set(layers["containers"]) == services


# -- files ----------------------------------------------------------------------------------------


def test_no_file_is_longer_than_a_person_reads():
    long = {
        f"{name_of(path)}: {lines}"
        for path in files(*PACKAGES)
        for lines in [len(path.read_text(encoding="utf-8").splitlines())]
        if lines > (LONGEST_TEST_FILE if path.is_relative_to(ROOT / "tests") else LONGEST_FILE)
    }
    assert long == set()


def test_no_file_is_named_after_nothing():
    vague = {"utils.py", "helpers.py", "service.py", "manager.py", "models.py", "common.py"}
    found = {name_of(path) for path in files(*PACKAGES) if path.name in vague}
    assert found <= {"shared/service.py"}  # what a service is made of


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_says_in_one_line_what_it_is_for(package: str):
    silent = {file for file, tree in trees(package) if not ast.get_docstring(tree)}
    assert silent == set()


def test_imports_are_absolute():
    relative = {
        file
        for file, tree in trees(*PACKAGES)
        if any(name.startswith(".") for name in imports(tree))
    }
    assert relative == set()


def test_what_ships_imports_no_test_and_shared_no_service():
    for package, forbidden in (
        ("shared", {"services", "deploy", "tests", "bench"}),
        ("services", {"deploy", "tests", "bench"}),
        ("deploy", {"bench"}),
    ):
        found = {file for file, tree in trees(package) if roots(tree) & forbidden}
        assert found == set(), package
    of_tests = {
        name for _, tree in trees("deploy") for name in imports(tree) if name.startswith("tests")
    }
    assert {name for name in of_tests if not name.startswith("tests.harness")} == set()


# -- tests ----------------------------------------------------------------------------------------


def test_no_test_sleeps():
    """What becomes true by itself is waited for with a deadline: `tests/harness/polling.py`.

    A stand-in that takes its time, or something that paces what runs beside a test, may.
    """
    asleep = {
        f"{file}: {node.name}"
        for file, tree in trees("tests")
        for node in ast.walk(tree)
        if isinstance(node, FUNCTIONS) and node.name.startswith("test_")
        for call in _own_calls(node)
        if dotted(call.func) in SLEEPERS and [ast.unparse(each) for each in call.args] != ["0"]
    }
    # how long an outage lasts is what a fault test is about; sleep(0) is the loop's next turn
    assert {each for each in asleep if not each.startswith("tests/faults/")} == set()


FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _own_calls(node: ast.AST) -> Iterator[ast.Call]:
    """The calls that a function makes itself, not those of functions inside it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (*FUNCTIONS, ast.Lambda, ast.ClassDef)):
            continue
        if isinstance(child, ast.Call):
            yield child
        yield from _own_calls(child)


def test_no_test_is_expected_to_fail():
    marked = {
        file
        for file, tree in trees("tests")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "xfail"
    }
    assert marked == set()


def test_warnings_are_errors():
    with (ROOT / "pyproject.toml").open("rb") as file:
        options = tomllib.load(file)["tool"]["pytest"]["ini_options"]
    assert options["filterwarnings"] == ["error"]
    assert options["xfail_strict"] is True
    assert configparser.ConfigParser().read(ROOT / "pytest.ini") == []
