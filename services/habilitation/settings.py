"""Settings of habilitation; environment variables HABILITATION_…"""

from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class HabilitationSettings(ServiceSettings):
    """What habilitation needs: what every service does."""

    model_config = SettingsConfigDict(env_prefix="HABILITATION_")
