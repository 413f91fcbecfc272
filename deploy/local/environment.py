"""The environment variables of each service of a local run."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from deploy.local.keys import KeyMaterial
from deploy.local.servers import Servers

INHERITED = ("PATH", "HOME", "TMPDIR", "LANG", "TZ", "VIRTUAL_ENV")
"""All that a service gets of our own environment: nothing may leak into its settings."""
DEADLINES_PER_LIFETIME = 3
"""A service gives up a transaction well before MongoDB does (ADR-0003)."""
PORTAL_URL = "https://mcp.example"
SENDER = "ne-pas-repondre@mcp.example"
"""RFC 2606 reserves `.example`: nobody gets a mail by mistake."""


@dataclass(frozen=True)
class PlatformSettings:
    """What all services of one platform share."""

    servers: Servers
    keys: KeyMaterial
    stage: str = "test"
    """`test` or `demo`: the environments whose clock moves."""
    prefix: str = ""
    """Of topics and consumer groups."""
    database_prefix: str = "mcp_"
    release: str = "dev"

    def database(self, service: str) -> str:
        """The database of a service."""
        return f"{self.database_prefix}{service}"

    def environment(
        self, service: str, http_port: int, extra: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        """Everything that a process of the service is started with; `extra` wins."""
        own = {
            "ENVIRONMENT": self.stage,
            "RELEASE": self.release,
            "KAFKA_BOOTSTRAP": self.servers.kafka,
            "KAFKA_FETCH_MAX_WAIT_MS": str(self.servers.fetch_max_wait_ms),
            "TOPIC_PREFIX": self.prefix,
            "MONGO_URI": self.servers.mongo,
            "MONGO_DATABASE": self.database(service),
            "HTTP_HOST": "127.0.0.1",
            "HTTP_PORT": str(http_port),
            "LOG_LEVEL": "INFO",
        }
        if self.servers.mongod is not None:
            lifetime_s = self.servers.mongod.transaction_lifetime_s
            own["GROUP_DEADLINE_S"] = str(lifetime_s / DEADLINES_PER_LIFETIME)
        variables = {name: os.environ[name] for name in INHERITED if name in os.environ}
        variables |= {f"{service.upper()}_{name}": value for name, value in own.items()}
        variables |= self.keys.environment(service)
        if service == "notifications":
            variables |= {
                "NOTIFICATIONS_SMTP_URL": self.servers.smtp,
                "NOTIFICATIONS_PORTAL_URL": PORTAL_URL,
                "NOTIFICATIONS_SENDER": SENDER,
            }
        return variables | dict(extra or {})
