"""How much of everything one run measures."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """Counts and durations of one run.

    Units: `_s` in seconds, per round; the others are counts per round.
    """

    rounds: int = 5
    """Ours and theirs alternate so many times; the median counts (assumed: five)."""
    commands: int = 10_000
    warm_up: int = 500
    facts: int = 60_000
    latency_s: float = 10.0
    http_s: float = 6.0
    hot_s: float = 20.0
    idle_s: float = 30.0
    accounts: int = 1_000
    """People who sign in."""
    clients: int = 16
    """How many of them come at once (ADR-0002); fewer prove as well that it runs."""
    sign_in_s: float = 15.0
    created: int = 600
    mailed_s: float = 30.0
    mails: int = 5_000
    rebuilt: int = 0
    """Facts of the long rebuild; 0 leaves it out."""
    entitled: int = 10_000
    """People whose rights are decided; a tenth as many groups."""
    decisions: int = 10_000
    casbin: int = 50
    """Decisions of pycasbin per round, which takes some 100 ms for one."""
    checked_s: float = 5.0
    revocations: int = 200
    warm_up_s: float = 2.0
    peers: bool = True
    """Whether other people's systems are brought and started; without, ours are measured alone."""
    peer_warm_up_s: float = 60.0
    """What a JVM is given to get fast, once per row (assumed)."""


USUAL = Scale()
FULL = Scale(mails=20_000, rebuilt=1_000_000)
QUICK = Scale(
    rounds=1,
    commands=200,
    warm_up=20,
    facts=500,
    latency_s=1.0,
    http_s=1.0,
    hot_s=1.0,
    idle_s=1.0,
    accounts=20,
    clients=4,
    sign_in_s=1.0,
    created=20,
    mailed_s=1.0,
    mails=40,
    rebuilt=2_000,
    entitled=200,
    decisions=100,
    casbin=5,
    checked_s=0.5,
    revocations=3,
    warm_up_s=0.2,
    peers=False,
)
"""Proves that the programs run; its figures mean nothing."""
