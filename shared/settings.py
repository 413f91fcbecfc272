"""The settings every service has; each adds its own. Environment variables only, read once."""

from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """What runs any service: where Kafka and the store are, which keys it trusts and holds."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    environment: Literal["production", "demo", "test"] = Field(
        description="production, demo or test; only the two last may move the clock",
        examples=["production"],
    )
    release: str = Field("dev", description="what is running", examples=["0.1.0"])
    kafka_bootstrap: str = Field(
        description="brokers, host:port, comma-separated", examples=["kafka:9092"]
    )
    kafka_fetch_max_wait_ms: int = Field(
        500, description="longest wait of a fetch; 10 on the embedded broker", examples=["500"]
    )
    topic_prefix: str = Field(
        "",
        description="put before every topic and group, for shared brokers",
        examples=["recette."],
    )
    mongo_uri: SecretStr = Field(
        description="the store's replica set",
        examples=["mongodb://identity:…@mongo:27017/?replicaSet=mcp"],
    )
    mongo_database: str = Field(description="the service's own database", examples=["identity"])
    group_deadline_s: float = Field(
        2.0,
        description="bound of one transaction; a third of transactionLifetimeLimitSeconds",
        examples=["2"],
    )
    http_host: str = Field("127.0.0.1", description="where HTTP listens", examples=["0.0.0.0"])
    http_port: int = Field(description="where HTTP listens", examples=["8001"])
    jwks: str = Field(
        description="identity's public keys, a JSON Web Key Set", examples=['{"keys": []}']
    )
    hmac_key: SecretStr = Field(
        description="base64 of 32 bytes, private to the service", examples=["…"]
    )
    dead_letter_limit: int = Field(
        100, description="parked among the last 400 records that stop consumption", examples=["100"]
    )
    log_level: str = Field("INFO", description="lowest level logged", examples=["INFO"])
    clock_offset_s: int = Field(0, description="seconds added to the time", examples=["0"])
    otlp_endpoint: str | None = Field(
        None, description="where traces go; none when absent", examples=["http://otel:4318"]
    )

    @model_validator(mode="after")
    def _true_time_in_production(self) -> Self:
        """Only tests and demos may be at another time (ADR-0012)."""
        if self.environment == "production" and self.clock_offset_s:
            raise ValueError("clock_offset_s is for tests and demos")
        return self

    @property
    def servers(self) -> list[str]:
        """The brokers as a list."""
        return self.kafka_bootstrap.split(",")
