"""How often something may be asked about one thing: so many times an hour."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from shared.errors import Refusal

WITHIN = timedelta(hours=1)
"""What is counted (assumed)."""


class TooOften(Refusal):
    """Asked as often as may be within the hour."""

    code: ClassVar[str] = "demande_trop_frequente"
    sentence: ClassVar[str] = (
        "Cette demande a déjà été faite plusieurs fois depuis une heure. Réessayez plus tard."
    )


def counted(
    moments: Sequence[datetime],
    now: datetime,
    *,
    most: int,
    refusal: type[Refusal] = TooOften,
) -> tuple[datetime, ...]:
    """The moments of the last hour with this one.

    Raises:  TooOften, or `refusal`, where there were `most` of them already
    """
    lately = tuple(at for at in moments if now - at < WITHIN)
    if len(lately) >= most:
        raise refusal
    return (*lately, now)
