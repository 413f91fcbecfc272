"""Reports of the fault suite, and its marker: in full mode it belongs to `make faults` only."""

import logging
from collections.abc import Callable, Iterator

import pytest

from tests.faults.mode import FULL

Report = Callable[[str], None]
REPORTS = pytest.StashKey[list[str]]()


@pytest.fixture(autouse=True)
def _quiet_clients() -> Iterator[None]:
    """The load's own Kafka clients complain of every fault: that is what the faults are for."""
    library = logging.getLogger("aiokafka")
    level = library.level
    library.setLevel(logging.CRITICAL)
    yield
    library.setLevel(level)


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Report:
    """Tell figures (kills, duplicates, delays) at the end of the session, passed or failed."""
    reports = request.config.stash.setdefault(REPORTS, [])

    def tell(text: str) -> None:
        reports.append(f"{request.node.name}\n{text}")

    return tell


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the full suite, so that `make test` runs the short one, first, and `make faults` the
    full.
    """
    for item in items:
        used = getattr(item, "fixturenames", ())
        if "tests/faults" in item.path.as_posix() and (FULL or "start_platform" in used):
            item.add_marker(pytest.mark.faults if FULL else pytest.mark.long)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Show what the tests reported."""
    for text in config.stash.get(REPORTS, []):
        terminalreporter.section(text.splitlines()[0], "-")
        terminalreporter.write_line("\n".join(text.splitlines()[1:]))
