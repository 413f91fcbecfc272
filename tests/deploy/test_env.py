"""deploy/env/*.example follow the settings classes."""

import shlex
from pathlib import Path

import pytest

from deploy import env
from deploy.env import SETTINGS, drift, example, variables

ROOT = Path(__file__).parents[2]


def test_committed_examples_say_what_the_settings_say() -> None:
    assert drift() == []


@pytest.mark.parametrize("service", SETTINGS)
def test_example_names_every_variable_once_and_a_shell_reads_it(service: str) -> None:
    lines = [line.removeprefix("# ") for line in example(service).splitlines()]
    named = [line.split("=")[0] for line in lines if line.startswith(f"{service.upper()}_")]
    assert sorted(named) == sorted(variables(service))
    for line in example(service).splitlines():
        if not line.startswith("#"):
            assert len(shlex.split(line)) <= 1


def test_drift_names_what_changed_and_what_belongs_to_no_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(env, "FOLDER", tmp_path)
    for path, text in env.examples():
        path.write_text(text)
    assert drift() == []
    (tmp_path / "identity.example").write_text("IDENTITY_ENVIRONMENT=production\n")
    (tmp_path / "gone.example").write_text("")
    assert [path.name for path in drift()] == ["identity.example", "gone.example"]


@pytest.mark.parametrize("service", SETTINGS)
def test_every_setting_is_described_with_an_example(service: str) -> None:
    for name, field in SETTINGS[service].model_fields.items():
        assert field.description, name
        assert field.examples, name
