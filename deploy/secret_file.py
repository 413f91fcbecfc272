"""`python -m deploy secrets .env`: the secrets of one platform, drawn once, for its containers."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.env import SETTINGS
from deploy.local.keys import OWNER_ONLY, KeyMaterial, secret

DONE, FAILED = 0, 1
GRAFANA_PASSWORD = "GRAFANA_ADMIN_PASSWORD"  # noqa: S105 (the name of a variable)
"""Not a service's: docker-compose.yml gives it to Grafana."""


def add_secrets(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to those of `python -m deploy`."""
    secrets = commands.add_parser(
        "secrets",
        help="draw the secrets of a platform into a file that Docker Compose reads",
        epilog="example: python -m deploy secrets .env",
    )
    secrets.add_argument("file", type=Path, help="must not exist: keys that are lost are lost")
    secrets.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command; 0 done, 1 the file is there already."""
    try:
        descriptor = os.open(options.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    except FileExistsError:
        print(f"{options.file} exists: without its keys nobody signs in any more", file=sys.stderr)
        return FAILED
    with os.fdopen(descriptor, "w") as file:
        file.write(secret_lines(tuple(SETTINGS)))
    print(f"{options.file}: readable by its owner only; keep it as long as the data")
    return DONE


def secret_lines(services: Sequence[str]) -> str:
    """Freshly drawn secrets, one assignment per line, as Docker Compose and a shell read them."""
    keys = KeyMaterial.make(services)
    drawn = {name: value for each in services for name, value in keys.environment(each).items()}
    drawn[GRAFANA_PASSWORD] = secret()
    return "".join(f"{name}='{value}'\n" for name, value in drawn.items())
