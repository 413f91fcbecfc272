"""Habilitations given: AddAppartenance through the whole path of habilitation."""

from functools import partial

from bench.appartenances import PER_CONVENTION
from bench.figures import Figure, compare
from bench.lanes import bare_lane, habilitation_lane, throughput
from bench.rounds import alternate, cores_notes
from bench.rows.commands import BARS
from bench.scale import Scale
from bench.stage import Stage
from shared.contracts.habilitation import SERVICE


async def measure(stage: Stage, scale: Scale) -> list[Figure]:
    """One process of habilitation beside the bare loop of commands: as many people as commands.

    The loop reads and writes one document; a membership is decided on six and written to two.
    """
    async with stage.platform((SERVICE,)) as platform:
        lanes = [await habilitation_lane(stage, platform), await bare_lane(stage, platform)]
        ours, loop = await alternate(
            scale.rounds,
            *(partial(throughput, lane, scale.commands, scale.warm_up) for lane in lanes),
        )
    people = f"{scale.commands} commandes AddAppartenance pour autant de personnes"
    return [
        compare(
            "habilitation_commands",
            ours.values,
            loop.values,
            "commandes/s",
            bar=BARS.get(stage.broker),
            broker=stage.broker,
            notes=[
                f"{people}, {PER_CONVENTION} par convention, 12 partitions.",
                "En face, la boucle nue des comptes : un document lu et modifié par commande.",
                *cores_notes(ours, loop),
            ],
        )
    ]
