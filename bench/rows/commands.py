"""Commands through the whole path: consumed, decided, committed, published."""

from functools import partial

from bench.figures import Figure, compare
from bench.lanes import bare_lane, our_lane, throughput
from bench.rounds import alternate, cores_notes
from bench.scale import Scale
from bench.stage import Stage

BARS = {"apache": 8.0, "embedded": 3.0}
GOAL = 15.0
"""The bars and the goal of the project (ADR-0002)."""


async def measure(stage: Stage, scale: Scale) -> list[Figure]:
    """One process of identity beside one bare loop, 12 partitions, as many accounts as commands."""
    async with stage.platform(("identity",)) as platform:
        ours, bare = await our_lane(stage, platform), await bare_lane(stage, platform)
        a, b = await alternate(
            scale.rounds,
            partial(throughput, ours, scale.commands, scale.warm_up),
            partial(throughput, bare, scale.commands, scale.warm_up),
        )
    notes = [f"{scale.commands} commandes ModifyUser sur autant de comptes, 12 partitions."]
    if stage.broker == "apache":
        notes.append(f"But visé au-delà de la barre : {GOAL:.0f} ×.")
    return [
        compare(
            "commands",
            a.values,
            b.values,
            "commandes/s",
            bar=BARS.get(stage.broker),
            broker=stage.broker,
            notes=[*notes, *cores_notes(a, b)],
        )
    ]
