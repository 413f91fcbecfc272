"""How often what makes us write may be asked about one account: so many times an hour."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from shared.errors import Refusal

WITHIN = timedelta(hours=1)
"""What is counted (assumed)."""
MOST_RESETS = 3
"""New temporary passwords of one person (assumed: nobody fills another's mailbox)."""
MOST_IDENTIFIANTS = 3
"""Mails of one person's identifiant (assumed: as many as of passwords)."""
MOST_ADDRESSES = 3
"""New addresses of one person, each of which is written to, be it a stranger's (assumed)."""
MOST_INCIDENTS = 10
"""Incidents that one person reports, each of which is a mail to the Caf (assumed: whoever has more
to tell in an hour tells it in one)."""


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
