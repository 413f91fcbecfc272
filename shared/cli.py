"""The operator's commands, the same for every service: `python -m services.<x> …`."""

import argparse
import gc
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import uvloop

from shared.observability.logging import configure_logging
from shared.settings import ServiceSettings

if TYPE_CHECKING:
    from shared.service import Service

S = TypeVar("S", bound=ServiceSettings)
Extra = Callable[[Any], None]


def main(
    build: "Callable[[S], Service]",
    settings_of: Callable[..., S],
    *,
    extend: Extra | None = None,
    argv: Sequence[str] | None = None,
) -> None:
    """Run one command and exit: 0 done, 1 failed, 2 misused."""
    parser = _parser(extend)
    arguments = parser.parse_args(argv)
    settings = settings_of()
    service = build(settings)
    configure_logging(service=service.name, release=settings.release, level=settings.log_level)
    status: int = uvloop.run(arguments.command(service, arguments))
    sys.exit(status)


def _parser(extend: Extra | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description="Commandes d’exploitation du service",
        epilog="exemple : python -m services.identity dead-letters list",
    )
    commands = parser.add_subparsers(required=True, metavar="commande")
    commands.add_parser("run", help="faire tourner le service").set_defaults(command=_run)
    schedule = commands.add_parser("schedule", help="publier ce qui est dû, sans fin")
    schedule.add_argument("--once", action="store_true", help="un seul passage")
    schedule.set_defaults(command=_schedule)
    commands.add_parser("migrate", help="mettre la base à jour").set_defaults(command=_migrate)
    rebuild = commands.add_parser("rebuild", help="refaire une projection depuis le début")
    rebuild.add_argument("projection", nargs="?", help="collection ; toutes par défaut")
    rebuild.add_argument("--wet-run", action="store_true", help="sans quoi rien n’est changé")
    rebuild.set_defaults(command=_rebuild)
    republish = commands.add_parser("republish", help="publier à nouveau l’état présent")
    republish.add_argument("--wet-run", action="store_true", help="sans quoi rien n’est publié")
    republish.set_defaults(command=_republish)
    _dead_letters_parser(commands)
    if extend is not None:
        extend(commands)
    return parser


def _dead_letters_parser(commands: Any) -> None:
    parser = commands.add_parser("dead-letters", help="voir et rejouer les rebuts")
    actions = parser.add_subparsers(required=True, metavar="action")
    actions.add_parser("list", help="tous les rebuts").set_defaults(command=_list)
    show = actions.add_parser("show", help="un rebut en entier")
    show.add_argument("id", help="topic/partition/offset d’origine")
    show.set_defaults(command=_show)
    replay = actions.add_parser("replay", help="remettre un rebut en jeu, réparé au besoin")
    replay.add_argument("id", help="topic/partition/offset d’origine")
    replay.add_argument("--body", help="fichier du corps réparé (JSON)")
    replay.add_argument(
        "--header",
        action="append",
        default=[],
        metavar="NOM=VALEUR",
        help="en-tête réparé ; retiré s’il est vide",
    )
    replay.add_argument(
        "--principal", metavar="GENRE:ID", help="au nom de qui, si aucun n’avait été vérifié"
    )
    replay.add_argument("--wet-run", action="store_true", help="sans quoi rien n’est rejoué")
    replay.set_defaults(command=_replay)


YOUNG_OBJECTS = 50_000
"""Objects made between two looks for cycles (assumed): messages make many and leave no cycle.
Measured: one eighth more commands a second than with Python's 700."""


async def _run(service: "Service", _: argparse.Namespace) -> int:
    from shared.runtime import Runtime

    gc.freeze()  # what was imported stays: no need to look at it again
    gc.set_threshold(YOUNG_OBJECTS)
    return await Runtime(service).run()


async def _schedule(service: "Service", arguments: argparse.Namespace) -> int:
    from shared.operations.schedule import schedule

    return await schedule(service, once=arguments.once)


async def _migrate(service: "Service", _: argparse.Namespace) -> int:
    from shared.operations.stores import migrate_store

    return await migrate_store(service)


async def _rebuild(service: "Service", arguments: argparse.Namespace) -> int:
    from shared.operations.rebuild import rebuild

    return await rebuild(service, arguments.projection, wet_run=arguments.wet_run)


async def _republish(service: "Service", arguments: argparse.Namespace) -> int:
    from shared.operations.republish import republish

    return await republish(service, wet_run=arguments.wet_run)


async def _list(service: "Service", _: argparse.Namespace) -> int:
    from shared.operations.dead_letters import list_all

    return await list_all(service)


async def _show(service: "Service", arguments: argparse.Namespace) -> int:
    from shared.operations.dead_letters import show

    return await show(service, arguments.id)


async def _replay(service: "Service", arguments: argparse.Namespace) -> int:
    from shared.operations.dead_letters import Mended, replay

    mended = Mended.of(arguments.body, arguments.header, arguments.principal)
    return await replay(service, arguments.id, mended, wet_run=arguments.wet_run)
