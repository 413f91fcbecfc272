"""What Maven brings is brought once, whole or not at all."""

import shutil
from pathlib import Path

import pytest

from deploy.local.maven import brought, pinned, run_maven
from deploy.local.process import ProcessFailed

POM = '<project xmlns="http://maven.apache.org/POM/4.0.0"><properties>{}</properties></project>'


def write(folder: Path) -> None:
    folder.mkdir()
    (folder / "it").write_text("brought")


def test_it_is_brought_once(tmp_path) -> None:
    asked: list[Path] = []

    def fill(folder: Path) -> None:
        asked.append(folder)
        write(folder)

    for _ in range(2):
        folder = brought(tmp_path / "kept" / "1.0", fill)
        assert (folder / "it").read_text() == "brought"
    assert len(asked) == 1
    assert list((tmp_path / "kept").iterdir()) == [folder]


def test_half_of_it_is_not_kept(tmp_path) -> None:
    def fail(folder: Path) -> None:
        write(folder)
        raise ProcessFailed("cut in the middle")

    with pytest.raises(ProcessFailed, match="cut in the middle"):
        brought(tmp_path / "1.0", fail)
    assert list(tmp_path.iterdir()) == []


def test_another_run_was_faster(tmp_path) -> None:
    def race(folder: Path) -> None:
        write(folder)
        write(tmp_path / "1.0")

    assert (brought(tmp_path / "1.0", race) / "it").exists()


def test_version_is_read_from_the_pom(tmp_path) -> None:
    pom = tmp_path / "pom.xml"
    pom.write_text(POM.format("<thing.version>1.2</thing.version>"))
    assert pinned(pom, "thing.version") == "1.2"
    with pytest.raises(ProcessFailed, match=r"other\.version"):
        pinned(pom, "other.version")


def test_without_maven_the_reason_is_told(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(ProcessFailed, match="no mvn"):
        run_maven(tmp_path / "pom.xml", "validate")
