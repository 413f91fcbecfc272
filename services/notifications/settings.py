"""The settings of notifications: environment variables that begin with NOTIFICATIONS_."""

from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, FilePath, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from services.notifications.caisses import one_address
from services.notifications.domain.modele import VALIDITE
from shared.settings import ServiceSettings

LEAST_RETENTION_DAYS = VALIDITE.days + 1
"""What a command or a fact read again would make anew must still be known: mails are asked for by
commands of the last seven days (`shared.contracts.topics`) and facts of VALIDITE."""


def _web_address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise ValueError("an http or https address is needed")
    return url


class NotificationsSettings(ServiceSettings):
    """What notifications needs beside what every service does."""

    model_config = SettingsConfigDict(env_prefix="NOTIFICATIONS_")

    smtp_url: SecretStr = Field(
        description="the mail server; smtps:// for TLS at once",
        examples=["smtp://user:password@relay.example:587"],
    )
    smtp_starttls: bool | None = Field(
        None,
        description="refuse to send without STARTTLS; by default yes in production or when"
        " smtp_url names a user, no elsewhere",
        examples=["true"],
    )
    smtp_ca_file: FilePath | None = Field(
        None,
        description="authorities that may have signed the mail server's certificate, in PEM;"
        " by default those of the system",
        examples=["/etc/ssl/certs/relay-ca.pem"],
    )
    smtp_connections: int = Field(
        4, ge=1, le=50, description="connections to the mail server at once", examples=["4"]
    )
    smtp_timeout_s: float = Field(
        30.0, gt=0, description="bound of one attempt (assumed)", examples=["30"]
    )
    smtp_rate_per_domain: float = Field(
        100.0,
        gt=0,
        description="mails per second to one recipient's domain, for each process (assumed:"
        " above what a town hall's server takes amiss, a campaign goes to thousands of them)",
        examples=["100"],
    )
    lease_s: float = Field(
        60.0,
        description="how long a mail is lent to a process; longer than an attempt (assumed)",
        examples=["60"],
    )
    portal_url: Annotated[str, AfterValidator(_web_address)] = Field(
        description="address of the portal, as the mails give it", examples=["https://mcp.example"]
    )
    sender: Annotated[str, AfterValidator(one_address)] = Field(
        description="address the mails come from", examples=["ne-pas-repondre@mcp.example"]
    )
    caf_file: Path | None = Field(
        None,
        description="contacts and senders of the Caf, of the form of "
        "services/notifications/data/caf.json; by default that one, whose contacts are made up "
        "and are left out in production",
        examples=["/etc/mcp/caf.json"],
    )
    retention_days: int = Field(
        90,
        ge=LEAST_RETENTION_DAYS,
        description="how long ended mails and the copies of closed accounts are kept (assumed);"
        " longer than a mail waits, and than a command may be read again",
        examples=["90"],
    )
    sealing_keys: SecretStr = Field(
        description="private X25519 keys, a JSON Web Key Set, newest first",
        examples=['{"keys": []}'],
    )

    @model_validator(mode="after")
    def _lease_outlives_attempt(self) -> Self:
        if self.lease_s <= self.smtp_timeout_s:
            raise ValueError("lease_s must be longer than smtp_timeout_s")
        return self

    @model_validator(mode="after")
    def _password_goes_through_tls(self) -> Self:
        scheme = urlsplit(self.smtp_url.get_secret_value()).scheme
        if self._signs_in and not self.starttls and scheme != "smtps":
            raise ValueError("smtp_url names a user, whose password only goes through TLS")
        return self

    @property
    def starttls(self) -> bool:
        """Whether a mail may only go through STARTTLS."""
        if self.smtp_starttls is None:
            return self._signs_in or self.environment == "production"
        return self.smtp_starttls

    @property
    def _signs_in(self) -> bool:
        return urlsplit(self.smtp_url.get_secret_value()).username is not None

    @property
    def mail_domain(self) -> str:
        """The right-hand side of the Message-IDs."""
        return self.sender.rpartition("@")[2]
