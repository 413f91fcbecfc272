"""The settings of every service: their classes, and the example files generated from them.

`deploy/env/<service>.example` names each environment variable that a service reads; the words
are those of the settings classes.
"""

import argparse
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from services.habilitation.settings import HabilitationSettings
from services.identity.settings import IdentitySettings
from services.notifications.settings import NotificationsSettings
from shared.settings import ServiceSettings

DONE, FAILED = 0, 1
FOLDER = Path(__file__).with_name("env")
SETTINGS: dict[str, type[ServiceSettings]] = {
    "habilitation": HabilitationSettings,
    "identity": IdentitySettings,
    "notifications": NotificationsSettings,
}
"""Service → what it reads of its environment."""
HEADER = """\
# The environment of {service}, written by `python -m deploy env`; do not edit.
# What is commented out has this default. Values marked … and keys: `python -m deploy secrets`.
"""


def add_env(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to those of `python -m deploy`."""
    env = commands.add_parser(
        "env",
        help="write deploy/env/*.example from the settings classes",
        epilog="example: python -m deploy env --check",
    )
    env.add_argument(
        "--check", action="store_true", help="write nothing, fail and name what differs"
    )
    env.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command; 0 done, 1 drift."""
    drifted = drift()
    if options.check:
        for path in drifted:
            print(f"{path.name}: differs from the settings (python -m deploy env)", file=sys.stderr)
        return FAILED if drifted else DONE
    FOLDER.mkdir(exist_ok=True)
    for path in drifted:
        path.unlink(missing_ok=True)
    for path, text in examples():
        path.write_text(text)
    print(*([path.name for path in drifted] or ["nothing to write"]), sep="\n")
    return DONE


def drift() -> list[Path]:
    """The example files that no longer say what the settings say, and those of no service."""
    wanted = dict(examples())
    changed = [
        path for path, text in wanted.items() if not path.exists() or path.read_text() != text
    ]
    return changed + sorted(set(FOLDER.glob("*.example")) - wanted.keys())


def examples() -> Iterator[tuple[Path, str]]:
    """Each example file and its text."""
    for service in SETTINGS:
        yield FOLDER / f"{service}.example", example(service)


def variables(service: str) -> dict[str, FieldInfo]:
    """Every environment variable of a service, in the order of its settings."""
    settings = SETTINGS[service]
    prefix = settings.model_config["env_prefix"]
    return {f"{prefix}{name}".upper(): field for name, field in settings.model_fields.items()}


def example(service: str) -> str:
    """The example file of a service: what must be set first, then what has a default."""
    fields = variables(service)
    lines = [HEADER.format(service=service)]
    for must in (True, False):
        for name, field in fields.items():
            if field.is_required() is must:
                lines.append(f"# {field.description}")
                lines.append(_assignment(name, field, service))
    return "\n".join(lines) + "\n"


def _assignment(name: str, field: FieldInfo, service: str) -> str:
    if field.is_required():
        value = str((field.examples or [""])[0]).replace("identity", service)
        return f"{name}={_word(value)}\n"
    value = "" if field.default is None else field.default
    return f"# {name}={_word(value)}\n"


def _word(value: Any) -> str:
    """A value as a shell and Docker Compose both read it."""
    text = str(value)
    return text if not text or text == shlex.quote(text) else f"'{text}'"
