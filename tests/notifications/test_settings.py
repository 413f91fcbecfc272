"""Settings: what is refused at start, what production decides by itself, no secret shown."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from services.notifications.domain.modele import VALIDITE
from services.notifications.settings import LEAST_RETENTION_DAYS, NotificationsSettings
from shared.contracts.notifications import COMMANDS
from shared.contracts.topics import TOPICS
from tests.notifications.builders import KEYS
from tests.notifications.running import settings_of


def settings(**own: Any) -> NotificationsSettings:
    return settings_of("mongodb://localhost", "none", **own)


@pytest.mark.parametrize(
    ("environment", "chosen", "starttls"),
    [
        ("production", None, True),
        ("production", False, False),
        ("demo", None, False),
        ("test", True, True),
    ],
)
def test_production_sends_nothing_in_clear_unless_told(
    environment: str, chosen: bool | None, starttls: bool
) -> None:
    assert settings(environment=environment, smtp_starttls=chosen).starttls is starttls


def test_password_never_goes_in_clear() -> None:
    assert settings(smtp_url="smtp://user:hidden@relay.example").starttls is True
    assert settings(smtp_url="smtps://user:hidden@relay.example", smtp_starttls=False)
    with pytest.raises(ValidationError, match="through TLS"):
        settings(smtp_url="smtp://user:hidden@relay.example", smtp_starttls=False)


def test_user_without_a_password_is_refused_at_start_too() -> None:
    """The client would refuse it, but only once it runs."""
    assert settings(smtp_url="smtp://user@relay.example").starttls is True
    with pytest.raises(ValidationError, match="through TLS"):
        settings(smtp_url="smtp://user@relay.example", smtp_starttls=False)


def test_what_ended_is_kept_longer_than_it_can_be_asked_for_again() -> None:
    least = timedelta(days=LEAST_RETENTION_DAYS)
    assert least > VALIDITE
    assert least > timedelta(milliseconds=TOPICS[COMMANDS].retention_ms)
    assert settings(retention_days=LEAST_RETENTION_DAYS)


def test_message_ids_carry_the_domain_of_the_sender() -> None:
    assert settings(sender="ne-pas-repondre@mail.mcp.example").mail_domain == "mail.mcp.example"


@pytest.mark.parametrize(
    "own",
    [
        {"sender": "Mon Compte <a@mcp.example>"},
        {"sender": "a@mcp.example\r\nBcc: b@mcp.example"},
        {"portal_url": "javascript:alert(1)"},
        {"portal_url": "mcp.example"},
        {"portal_url": "https://user:password@mcp.example"},
        {"smtp_connections": 0},
        {"smtp_timeout_s": 0},
        {"smtp_ca_file": "/no/such/file.pem"},
        {"lease_s": 30},
        {"retention_days": 7},
        {"environment": "staging"},
    ],
)
def test_setting_that_cannot_be_is_refused_at_start(own: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings(**own)


def test_no_secret_shows() -> None:
    shown = repr(settings(smtp_url="smtp://user:hidden@relay.example"))
    assert "hidden" not in shown
    assert KEYS not in shown


def test_environment_variables_begin_with_the_name_of_the_service(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NOTIFICATIONS_LEASE_S", "90")
    assert settings().lease_s == 90
