"""identity's own operator commands: the first Caf agent, service accounts."""

import argparse
import json
import re
from typing import Any, cast

from services.identity.app import make
from services.identity.domain.errors import NameReserved
from services.identity.handlers.bootstrap_agent import BootstrapAgent
from services.identity.service_accounts import register
from services.identity.settings import IdentitySettings
from shared.contracts.identity import SERVICE
from shared.contracts.topics import TOPICS
from shared.ids import derive_id, draw_id
from shared.mongo.migrate import migrate
from shared.operations.endings import DONE, Failed, Misused, told
from shared.runtime import Runtime
from shared.security.principal import service_principal
from shared.service import Service


def extend(commands: Any) -> None:
    """Add the commands to the service's parser."""
    bootstrap = commands.add_parser("bootstrap", help="créer l’agent d’une Caf qui n’en a aucun")
    for name in ("nom", "prenom", "mail"):
        bootstrap.add_argument(f"--{name}", required=True)
    bootstrap.add_argument("--caf", required=True, type=_code_caf, help="sa Caf : trois chiffres")
    bootstrap.set_defaults(command=_bootstrap)
    account = commands.add_parser(
        "service-account", help="créer ou renouveler un compte de service"
    )
    account.add_argument("name", help="nom du système")
    account.add_argument(
        "--audience",
        action="append",
        required=True,
        choices=sorted(name for name in TOPICS if name.endswith(".commands")),
        help="topic de commandes où il pourra écrire",
    )
    account.set_defaults(command=_service_account)


def _code_caf(typed: str) -> str:
    if not re.fullmatch(r"[0-9]{3}", typed):
        raise argparse.ArgumentTypeError("trois chiffres sont attendus")
    return typed


@told
async def _bootstrap(service: Service, arguments: argparse.Namespace) -> int:
    """Open the first agent's account; running processes publish it and write to him."""
    settings = cast("IdentitySettings", service.settings)
    runtime = Runtime(service)
    await migrate(runtime.store, service.migrations)
    asked = BootstrapAgent(
        user_id=draw_id(),
        caf=arguments.caf,
        nom=arguments.nom,
        prenom=arguments.prenom,
        mail=arguments.mail,
    )
    outcome = await runtime.decide_alone(
        make(settings).bootstrap_agent,
        asked,
        principal=service_principal(SERVICE),
        message_id=derive_id("bootstrap", asked.user_id),
    )
    if outcome.refusal is not None:
        raise Failed(outcome.refusal["sentence"])
    print("Le premier agent de cette Caf est créé ; deux mails lui sont écrits.")
    return DONE


@told
async def _service_account(service: Service, arguments: argparse.Namespace) -> int:
    """Print the private key of a service account, once: it is kept nowhere."""
    runtime = Runtime(service)
    try:
        private = await register(runtime.store, arguments.name, tuple(arguments.audience))
    except NameReserved as reserved:
        raise Misused(reserved.sentence) from reserved
    print(json.dumps(private))
    return DONE
