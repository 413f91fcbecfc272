"""Settings: environment variables only, read once, secrets never shown."""

import os

import pytest
from pydantic import SecretStr, ValidationError

from shared.settings import ServiceSettings
from tests.shared.tiny import TinySettings

GIVEN = {
    "TINY_ENVIRONMENT": "test",
    "TINY_KAFKA_BOOTSTRAP": "a:1,b:2",
    "TINY_MONGO_URI": "mongodb://user:canari@mongo:27017",
    "TINY_MONGO_DATABASE": "tiny",
    "TINY_HTTP_PORT": "8001",
    "TINY_JWKS": '{"keys": []}',
    "TINY_HMAC_KEY": "canari",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*os.environ]:
        if name.startswith("TINY_"):
            monkeypatch.delenv(name)
    for name, value in GIVEN.items():
        monkeypatch.setenv(name, value)


def test_they_are_read_from_the_environment():
    settings = TinySettings()
    assert settings.servers == ["a:1", "b:2"]
    assert settings.http_port == 8001
    assert settings.hmac_key.get_secret_value() == "canari"
    assert (settings.topic_prefix, settings.clock_offset_s) == ("", 0)


def test_secrets_are_not_shown():
    settings = TinySettings()
    assert "canari" not in f"{settings!r} {settings} {settings.model_dump()}"
    assert isinstance(settings.mongo_uri, SecretStr)


def test_they_do_not_change():
    with pytest.raises(ValidationError):
        TinySettings().http_port = 1  # type: ignore[misc]


@pytest.mark.parametrize("name", sorted(GIVEN))
def test_what_differs_between_environments_has_no_default(
    name: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv(name)
    with pytest.raises(ValidationError, match=name.removeprefix("TINY_").lower()):
        TinySettings()


def test_a_wrong_value_is_named_and_not_shown(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TINY_HTTP_PORT", "canari")
    monkeypatch.setenv("TINY_ENVIRONMENT", "canari")
    with pytest.raises(ValidationError) as caught:
        TinySettings()
    assert "http_port" in str(caught.value)
    assert "canari" not in str(caught.value)


def test_each_has_a_description_and_an_example():
    for name, field in ServiceSettings.model_fields.items():
        assert field.description, name
        assert field.examples, name
