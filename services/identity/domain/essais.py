"""How many passwords may be tried: by account and by source, however many try at once.

Before any password is looked at, a place is taken; it is given back with what came of it. A place
counts as a failure from the moment it is taken until it is given back, so the failures counted and
the places taken together never pass the limit, on any number of machines.

Never for good: too many failures start a delay [ADR-0014], and a delay ends.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LEASE = timedelta(seconds=10)
"""A place not given back by then is that of a process that died: a failure (assumed; longer than
anybody waits for an answer)."""
PATIENCE_S = 5.0
"""How long an attempt waits for a place that others hold (assumed; shorter than the answer's)."""


class Portier(StrEnum):
    """What attempts are counted by."""

    COMPTE = "compte"
    SOURCE = "source"


@dataclass(frozen=True)
class Limite:
    """The numbers of one counter.

    `seuil` failures within `memoire` start a delay, then each further one a delay twice as long,
    up to the longest; `par_jour` failures of 24 hours are all there can be, if there is a limit;
    `pardonne` tells that a right password makes the failures before it forgotten (not those of the
    day).
    """

    seuil: int
    memoire: timedelta
    premier_delai: timedelta
    plus_long_delai: timedelta
    par_jour: int | None
    pardonne: bool


DAY = timedelta(hours=24)
LIMITES = {
    Portier.COMPTE: Limite(
        seuil=5,  # reliability G-20; domain reference §2.5, « 5 failures → 15 min » [assumed]
        memoire=DAY,
        premier_delai=timedelta(minutes=1),  # G-20: doubling up to 15 min
        plus_long_delai=timedelta(minutes=15),
        par_jour=25,  # CNIL, délibération 2022-100: 25 attempts per 24 h
        pardonne=True,
    ),
    Portier.SOURCE: Limite(
        seuil=50,  # assumed: a town hall behind one address, ten people who mistype five times
        memoire=timedelta(hours=1),  # assumed
        premier_delai=timedelta(minutes=1),
        plus_long_delai=timedelta(minutes=15),
        par_jour=None,
        pardonne=False,  # one right password of his own would free a guesser
    ),
}
"""Every number of the throttling; ADR-0014 says why these."""


@dataclass(frozen=True)
class Place:
    """The right to have one password looked at."""

    id: str
    compte: str
    source: str


@dataclass(frozen=True)
class Refus:
    """No password is looked at: until then, where a delay of the account is the reason.

    `waited`: others' passwords were being looked at, and this one waited for them to end.
    """

    jusqua: datetime | None = None
    waited: bool = False


@dataclass(frozen=True)
class Essai:
    """What one attempt came to.

    `looked_at` tells whether the password was compared with anything; `jusqua` is the end of the
    delay of the account that this attempt started or met.
    """

    right: bool
    looked_at: bool
    jusqua: datetime | None = None
