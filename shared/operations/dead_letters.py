"""The dead letters of a service: all of them, one of them, one of them back into play."""

import json
import re
import unicodedata
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import structlog

from shared.contracts.topics import dead_letters_topic
from shared.kafka.intakes import PRINCIPAL
from shared.operations.endings import DONE, Failed, Misused, told
from shared.operations.mending import Mended, replay_row
from shared.operations.opening import opened_producer, publish_all
from shared.operations.parked import DeadLetter
from shared.operations.progress import number
from shared.operations.reading import TopicReader
from shared.security.macs import Macs
from shared.service import Service

__all__ = ["Mended", "list_all", "replay", "show"]

log = structlog.get_logger(__name__)

_PLACE = re.compile(r"[^/]+/[0-9]+/[0-9]+")
_TITLES = ("rebut", "raison", "type", "date", "message")


@told
async def list_all(service: Service) -> int:
    """Print a table of the dead letters, oldest first; never what they hold."""
    letters = {letter.id: _line(letter) async for letter in _read(service)}
    if not letters:
        print("Aucun rebut.")
        return DONE
    lines = [_TITLES, *sorted(letters.values(), key=lambda line: (line[3], line[0]))]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_TITLES))]
    for line in lines:
        print("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)))
    print(f"Rebuts : {number(len(letters))}")
    return DONE


@told
async def show(service: Service, id: str) -> int:
    """Print one dead letter as JSON, with what it holds: an operator asks for it."""
    letter = await _find(service, id)
    headers = dict(letter.headers)
    sealed = headers.pop(PRINCIPAL, "")
    macs = Macs(service.settings.hmac_key.get_secret_value())
    principal = macs.open_principal(sealed, letter.headers.get("ce_id", ""))
    shown: dict[str, Any] = {
        "id": letter.id,
        "reason": letter.reason,
        "at": letter.at.isoformat(),
        "release": letter.release,
        "key": letter.key,
        "principal": None if principal is None else f"{principal.kind}:{principal.id}",
        "headers": headers,
        "odd_headers": [{name: value.hex()} for name, value in letter.odd],
        "headers_cut": letter.cut,
        "body_not_kept_bytes": letter.body_bytes,
        **_body(letter.body),
    }
    print(_harmless(json.dumps(shown, ensure_ascii=False, indent=2), keep="\n"))
    return DONE


@told
async def replay(service: Service, id: str, mended: Mended, *, wet_run: bool) -> int:
    """Put one dead letter back into play, mended; without `wet_run`, only say what would be done.

    The service handles it as if it came from its first topic. Replayed twice, it has one effect.
    """
    if mended.misuse is not None:
        raise Misused(mended.misuse)
    letter = await _find(service, id)
    row = replay_row(letter, mended, service)
    if letter.cut:
        print("Attention : ce rebut avait trop d’en-têtes, il n’en reste qu’une partie.")
    if not wet_run:
        print(f"Serait rejoué : {letter.id}, message {row.headers['ce_id']}, sur « {row.topic} ».")
        print("Rien n’a été rejoué : ajoutez --wet-run.")
        return DONE
    async with opened_producer(service, "replay") as producer:
        await publish_all(producer, [row])
    log.info("replayed", dead_letter=letter.id, message=row.headers["ce_id"])
    print(f"Rejoué : {letter.id}, message {row.headers['ce_id']}, sur « {row.topic} ».")
    return DONE


async def _read(service: Service) -> AsyncGenerator[DeadLetter, None]:
    async with TopicReader(service.settings, dead_letters_topic(service.name)) as reader:
        async for records in reader.read(await reader.ends()):
            for record in records:
                letter = DeadLetter.of(record)
                if letter is None:
                    log.warning(
                        "not_a_dead_letter", partition=record.partition, offset=record.offset
                    )
                else:
                    yield letter


async def _find(service: Service, id: str) -> DeadLetter:
    if not _PLACE.fullmatch(id):
        raise Misused(f"« {id} » n’est pas de la forme topic/partition/offset.")
    async with aclosing(_read(service)) as letters:
        async for letter in letters:
            if letter.id == id:
                return letter
    raise Failed(f"Aucun rebut « {id} » : il n’a jamais existé, ou n’est plus conservé.")


def _line(letter: DeadLetter) -> tuple[str, ...]:
    headers = letter.headers
    shown = (
        letter.id,
        letter.reason,
        headers.get("ce_type", "-"),
        letter.at.isoformat(sep=" ", timespec="seconds"),
        headers.get("ce_id", "-"),
    )
    return tuple(_harmless(text[:128]) for text in shown)


def _body(body: bytes | None) -> dict[str, str | None]:
    try:
        return {"body": None if body is None else body.decode()}
    except UnicodeDecodeError:
        return {"body_hex": None if body is None else body.hex()}


def _harmless(text: str, keep: str = "") -> str:
    """Text that a terminal only shows: what senders wrote may hold control sequences."""
    return "".join(
        char if char in keep or unicodedata.category(char)[0] != "C" else json.dumps(char)[1:-1]
        for char in text
    )
