"""How long to wait before trying a dependency again."""

import random

FIRST_S = 0.2
CAP_S = 10.0
JITTER = 0.2
"""0.2 s doubling to 10 s, ± 20 % (assumed): about 12 tries in the first minute of an outage."""


def backoff_s(attempt: int) -> float:
    """Seconds to wait after the n-th failure in a row (n from 1)."""
    plain: float = min(CAP_S, FIRST_S * 2 ** min(attempt - 1, 16))
    return plain * random.uniform(1 - JITTER, 1 + JITTER)
