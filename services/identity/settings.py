"""Settings of identity; environment variables IDENTITY_…"""

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class IdentitySettings(ServiceSettings):
    """What identity holds that nobody else does: the signing key, the pepper."""

    model_config = SettingsConfigDict(env_prefix="IDENTITY_")

    signing_key: SecretStr = Field(
        description="private Ed25519 key of the command tokens, a JSON Web Key", examples=["{…}"]
    )
    pepper: SecretStr = Field(
        description="base64 of 32 bytes; passwords are worth nothing without it", examples=["…"]
    )
    trusted_proxies: str = Field(
        "",
        description="networks of our own proxies, comma-separated; X-Forwarded-For of others says "
        "nothing",
        examples=["10.0.3.0/24"],
    )
    sealing_key: str = Field(
        description="public X25519 key of notifications, a JSON Web Key with its kid",
        examples=['{"kty": "OKP", "crv": "X25519", "kid": "…", "x": "…"}'],
    )
