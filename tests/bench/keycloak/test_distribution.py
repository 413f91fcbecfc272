"""Where Keycloak cannot be brought, its rows are left aside with the reason, and nothing fails."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

import bench.__main__ as program
from bench.keycloak import distribution
from bench.rounds import Skipped
from bench.scale import QUICK
from deploy.local.process import ProcessFailed


@pytest.fixture
def refused(monkeypatch, tmp_path) -> None:
    def refuse(*_: object) -> None:
        raise ProcessFailed("mvn failed: no such artifact")

    monkeypatch.setattr(distribution, "CACHE", tmp_path)
    monkeypatch.setattr(distribution, "run_maven", refuse)


@pytest.mark.usefixtures("refused")
def test_a_refusal_of_maven_is_a_reason_and_leaves_nothing_behind(tmp_path) -> None:
    with pytest.raises(Skipped, match="no such artifact"):
        distribution.keycloak_home()
    assert list((tmp_path / "keycloak").iterdir()) == []


def test_the_pinned_version_is_a_26() -> None:
    assert distribution.keycloak_version().startswith("26.")


@contextmanager
def no_servers(broker: str) -> Iterator[SimpleNamespace]:
    yield SimpleNamespace(broker=broker)


async def test_a_row_left_aside_is_no_failure(monkeypatch, capsys) -> None:
    async def leave(*_: object) -> None:
        raise Skipped("pas de Maven")

    monkeypatch.setitem(program.ROWS, "sign_ins", leave)
    monkeypatch.setattr(program, "open_stage", no_servers)
    session = program.Session(QUICK, None, None)
    await session.play({"embedded": ["sign_ins"]})
    assert session.status == program.DONE
    assert "sign_ins est laissée de côté : pas de Maven" in capsys.readouterr().out
