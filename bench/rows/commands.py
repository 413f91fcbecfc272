"""Commands through the whole path: consumed, decided, committed, published."""

from functools import partial

from bench.entitled import entitled_platform
from bench.figures import Figure, compare
from bench.lanes import bare_lane, our_lane, throughput
from bench.rounds import alternate, cores_notes
from bench.scale import Scale
from bench.stage import Stage
from shared.path.pace import MOST

BARS = {"apache": 8.0, "embedded": 3.0}
GOAL = 15.0
"""The bars and the goal of the project (ADR-0002)."""
NAMES = ("commands", "commands_small_polls")


async def measure(stage: Stage, scale: Scale) -> list[Figure]:
    """One process of identity beside one bare loop, 12 partitions, as many accounts as commands.

    The loop runs twice: taking all that arrived, and by polls no larger than our largest group.
    """
    async with entitled_platform(stage) as platform:
        lanes = [
            await our_lane(stage, platform),
            await bare_lane(stage, platform),
            await bare_lane(stage, platform, MOST),
        ]
        ours, *loops = await alternate(
            scale.rounds,
            *(partial(throughput, lane, scale.commands, scale.warm_up) for lane in lanes),
        )
    notes = [f"{scale.commands} commandes ModifyUser sur autant de comptes, 12 partitions."]
    if stage.broker == "apache":
        notes.append(f"But visé au-delà de la barre : {GOAL:.0f} ×.")
    return [
        compare(
            name,
            ours.values,
            loop.values,
            "commandes/s",
            bar=BARS.get(stage.broker),
            broker=stage.broker,
            notes=[*notes, *cores_notes(ours, loop)],
        )
        for name, loop in zip(NAMES, loops, strict=True)
    ]
