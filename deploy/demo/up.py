"""`python -m deploy up`: the platform with sample data, until Ctrl-C."""

import argparse
import asyncio
import signal
from contextlib import ExitStack

from deploy.demo.acts.conventions import designate, register, sign_cdap
from deploy.demo.gestures import come_in_first, first_agent
from deploy.demo.people import AMINA, CAF, INES, KARIM, LOUIS, ZOE
from deploy.demo.screen import Screen
from deploy.demo.stage import DemoFailed, Stage
from deploy.local.process import ProcessFailed
from deploy.local.servers import Servers, running_servers
from tests.harness.platform import SERVICES, Platform


def add_up(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    up = commands.add_parser(
        "up",
        help="leave the platform running with sample data, until Ctrl-C",
        epilog="example: KAFKA=apache python -m deploy up",
    )
    up.set_defaults(run=run_up)


def run_up(_: argparse.Namespace) -> int:
    """Run until Ctrl-C; 1 if the platform did not start."""
    screen = Screen()
    try:
        asyncio.run(_up(screen))
    except (DemoFailed, ProcessFailed, AssertionError) as failure:
        screen.failed(str(failure))
        return 1
    screen.ok("Tout est arrêté.")
    return 0


async def _up(screen: Screen) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    with ExitStack() as stack:
        with screen.busy("mongod, un Kafka et un serveur de mail démarrent"):
            servers = stack.enter_context(running_servers())
        platform = Platform(
            servers, SERVICES, schedulers=SERVICES, prefix="", database_prefix="mcp_"
        )
        try:
            await screen.waiting("la plateforme démarre", platform.start())
            stage = Stage(platform, screen)
            await stage.open()
            await _fill(stage)
            _show(screen, platform, servers)
            await stopped.wait()
        finally:
            await platform.stop()


async def _fill(stage: Stage) -> None:
    stage.screen.title("Un agent, une convention, une administratrice")
    session = await first_agent(stage, ZOE, CAF)
    await register(stage, session)
    await sign_cdap(stage, session)
    _, identifiant, provisoire = await designate(stage, session)
    await come_in_first(stage, identifiant, provisoire, AMINA.chosen)
    stage.screen.title("Quelques comptes")
    for person in (LOUIS, INES, KARIM):
        await stage.done("POST", "/users", person.form(), session)
        stage.screen.saw("compte", f"{person}, {person.mail}")


def _show(screen: Screen, platform: Platform, servers: Servers) -> None:
    screen.title("La plateforme tourne ; Ctrl-C l’arrête")
    for service in SERVICES:
        screen.saw(service, f"{platform.replica(service).url}/docs")
    screen.saw("Kafka", servers.kafka)
    screen.saw("MongoDB", servers.mongo)
    if servers.sink is not None:
        screen.saw("mails", str(servers.sink.mails_file))
    for title, person in (("agent", ZOE), ("partenaire", AMINA)):
        screen.saw(title, f"{person}, mot de passe {person.chosen} ; identifiant : mail plus haut")
