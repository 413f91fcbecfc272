"""How many messages one transaction takes: what took 100 ms last time, less after a conflict."""

MOST = 500
"""Largest group (ADR-0002)."""
TARGET_S = 0.1
"""A group should not take longer: what waits behind it is somebody's answer (ADR-0002)."""


class Pace:
    """The size of the next group."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self.limit = most

    def succeeded(self, size: int, seconds: float) -> None:
        """A group went through: aim at the target, at most twice as many as before."""
        fitting = int(size * TARGET_S / max(seconds, 1e-6))
        self.limit = max(1, min(self._most, self.limit * 2, max(fitting, size // 2)))

    def conflicted(self, size: int) -> None:
        """Another process wrote the same documents: smaller groups collide less."""
        self.limit = max(1, size // 2)
