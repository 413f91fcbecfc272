"""Two processes of identity against one: what a second one brings on two cores."""

from functools import partial

from bench.entitled import entitled_platform
from bench.figures import Figure, compare
from bench.lanes import our_lane, throughput
from bench.rounds import alternate, cores_notes
from bench.scale import Scale
from bench.stage import Stage


async def measure(stage: Stage, scale: Scale) -> list[Figure]:
    """The same commands through two processes and through one; reported, there is no bar."""
    async with entitled_platform(stage) as platform:
        two = await our_lane(stage, platform, replicas=2)
        one = await our_lane(stage, platform)
        a, b = await alternate(
            scale.rounds,
            partial(throughput, two, scale.commands, scale.warm_up),
            partial(throughput, one, scale.commands, scale.warm_up),
        )
    return [
        compare(
            "commands_two_replicas",
            a.values,
            b.values,
            "commandes/s",
            bar=None,
            broker=stage.broker,
            notes=["Deux processus d’identity à côté d’un seul.", *cores_notes(a, b)],
        )
    ]
