"""How an operator's command ends: done, failed or misused, with a sentence for whoever ran it."""

import functools
from collections.abc import Awaitable, Callable
from typing import ParamSpec

import structlog
from aiokafka.errors import KafkaError

from shared.mongo.client import StoreError

log = structlog.get_logger(__name__)

P = ParamSpec("P")

DONE, FAILED, MISUSED = 0, 1, 2
"""Exit statuses of every command."""


class Failed(Exception):
    """The command could not do its work; the text is a French sentence for the operator."""


class Misused(Exception):
    """What was asked makes no sense here; the text is a French sentence for the operator."""


def told(command: Callable[P, Awaitable[int]]) -> Callable[P, Awaitable[int]]:
    """Turn the errors of a command into a sentence on stdout and an exit status."""

    @functools.wraps(command)
    async def run(*arguments: P.args, **options: P.kwargs) -> int:
        try:
            return await command(*arguments, **options)
        except Misused as misused:
            print(misused)
            return MISUSED
        except Failed as failed:
            print(failed)
        except StoreError as error:
            log.exception("store_failed", error=type(error).__name__)
            print("La base ne répond plus : rien d’autre n’a été fait. Relancez la commande.")
        except KafkaError as error:
            log.exception("broker_failed", error=type(error).__name__)
            print("Kafka ne répond plus : rien d’autre n’a été fait. Relancez la commande.")
        return FAILED

    return run
