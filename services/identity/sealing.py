"""Seals credentials to notifications, the only service that writes to people."""

from shared.security.sealing import seal


class NotificationsSealer:
    """Seals with the public key of notifications."""

    def __init__(self, key: str) -> None:
        self._key = key

    def seal(self, payload: dict[str, str | int]) -> tuple[str, str]:
        """The id of the key and the sealed payload (base64)."""
        return seal(self._key, payload)
