"""`python -m deploy demo`: start everything, play the story, tell what happened, stop all."""

import argparse
import asyncio
import signal
import sys
from contextlib import ExitStack

from deploy.demo.screen import Screen
from deploy.demo.stage import DemoFailed, Stage
from deploy.demo.story import play
from deploy.local.process import ProcessFailed
from deploy.local.servers import running_servers
from shared.contracts.topics import MAIL_DELIVERIES, dead_letters_topic, refusals_topic
from tests.harness.platform import SERVICES, Platform

REFUSED = {
    "identity": 5,  # the address taken, the currency sign, her own name, elsewhere, the captcha
    "habilitation": 6,  # the SIRET, another Caf, a second profile, for oneself, the Caf's groups
}
"""What the story has refused by a decision."""
INTERRUPTED = 130
"""Exit status of a program ended by Ctrl-C (128 + SIGINT)."""


def add_demo(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    demo = commands.add_parser(
        "demo",
        help="play one journey through the whole platform, on servers of its own",
        epilog="example: KAFKA=apache python -m deploy demo",
    )
    demo.set_defaults(run=run_demo)


def run_demo(_: argparse.Namespace) -> int:
    """Play the demo; 0 if the platform did all that the story says."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(INTERRUPTED))
    screen = Screen()
    try:
        asyncio.run(_demo(screen))
    except (DemoFailed, ProcessFailed, AssertionError) as failure:
        screen.failed(str(failure))
        return 1
    except KeyboardInterrupt:
        screen.failed("interrompu ; tout ce qui avait été démarré est arrêté")
        return INTERRUPTED
    screen.ok(f"La démonstration a tout vu, en {screen.seconds:.0f} s.")
    return 0


async def _demo(screen: Screen) -> None:
    screen.title("Mon Compte Partenaire")
    with ExitStack() as stack:
        with screen.busy("mongod, un Kafka et un serveur de mail démarrent"):
            servers = stack.enter_context(running_servers())
        platform = Platform(servers, SERVICES, schedulers=SERVICES)
        try:
            everyone = f"{', '.join(SERVICES)} et leurs planificateurs"
            await screen.waiting(f"{everyone} démarrent", platform.start())
            screen.ok(f"{everyone} tournent, un processus chacun")
            stage = Stage(platform, screen)
            await stage.open()
            await play(stage)
            await _tell(stage)
        finally:
            await platform.stop()


async def _tell(stage: Stage) -> None:
    """What was published, sent, refused, parked."""
    stage.screen.title("En tout")
    counts = await stage.counts()
    for topic, count in counts.items():
        if count:
            stage.screen.saw("publié", f"{count:>3} sur {topic}")
    stage.screen.saw("envoyé", f"{len(stage.platform.mails())} mails")
    refused = {refusals_topic(service): count for service, count in REFUSED.items()}
    stage.screen.saw("refusé", f"{sum(counts[topic] for topic in refused)} commandes")
    stage.screen.saw("rebut", f"{counts[dead_letters_topic('identity')]} enregistrement")
    expected = {
        **refused,
        **{dead_letters_topic(service): 0 for service in SERVICES},
        dead_letters_topic("identity"): 1,
    }
    wrong = {topic: counts[topic] for topic, count in expected.items() if counts[topic] != count}
    if wrong or not counts[MAIL_DELIVERIES]:
        raise DemoFailed(f"comptes inattendus : {wrong}")
