"""The Big List of Naughty Strings in every text that identity takes over HTTP: never a bug."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from deploy.local.servers import Servers
from shared.contracts.identity import SERVICE
from shared.http.problems import MEDIA_TYPE
from shared.ids import draw_id
from tests.identity.running import AGENT_SESSION, Running, running
from tests.interop.openapi import Operation, operations
from tests.interop.tools import naughty_strings

CLIENTS = 8
SOME = 10
"""One string in ten where the document has a pattern or a list, which refuse them all alike."""
ANSWER_S = 30
PERSON = "personne-connue"

pytestmark = [pytest.mark.connected, pytest.mark.interop, pytest.mark.timeout(240)]

_numbers = count(1)
SAMPLES: dict[str, Callable[[], Any]] = {
    "user_id": lambda: PERSON,
    "convention_id": lambda: "19_214",
    "nom": lambda: "Benali",
    "prenom": lambda: "Aïcha",
    "mail": lambda: f"personne-{next(_numbers)}@commune.example",
    "mail_confirmation": lambda: "",
    "telephone": lambda: "01 99 00 45 67",
    "telephone_confirmation": lambda: "",
    "caf": lambda: "931",
    "fonctions": lambda: ["habilitations"],
    "identifiant": lambda: "KRB4729TV35",
    "mot_de_passe": lambda: "Bonjour-2026",
    "nouveau_mot_de_passe": lambda: "Bonsoir-2027",
    "audience": lambda: "mcp.identity.commands",
    "captcha_id": lambda: "A" * 22,
    "reponse": lambda: "sept",
    "version": lambda: "2026-11",
    "nature": lambda: "autre",
    "description": lambda: "Un badge perdu.",
    "role": lambda: "utilisateur",
    "probleme": lambda: "mot_de_passe",
}
"""What each field that must be there holds when the odd string is in another one."""


@dataclass(frozen=True)
class Place:
    """A text of an operation: in its address, after its question mark, or in its body."""

    operation: Operation
    where: str
    name: str

    def __str__(self) -> str:
        return f"{self.operation.method} {self.operation.path} {self.name}"


@dataclass(frozen=True)
class Asked:
    """One request with one odd string in one place."""

    place: Place
    path: str
    params: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] | None = None


@pytest.mark.long
async def test_no_text_is_a_bug(servers: Servers) -> None:
    """Each string in each free text, dealt out among the operations that have one of that name."""
    odd = naughty_strings()
    async with running(servers) as identity:
        await identity.create_user(PERSON)
        document = (await identity.ask("GET", "/openapi.json")).json()
        asked = list(_dealt(operations(document), odd))
        answers = await _ask_all(identity, asked)
        alive = await identity.ask("GET", "/healthz")
    wrong = {f"{a.status_code} {each.place} {a.text}" for each, a in answers if not _is_fine(a)}
    assert not wrong, sorted(wrong)[:20]
    fields = {each.place.name for each in asked}
    assert {"nom", "prenom", "mail", "identifiant", "mot_de_passe", "user_id"} <= fields
    assert len(answers) == len(asked) >= len(odd) * len(fields) // SOME
    assert alive.status_code == httpx.codes.OK


def _dealt(taken: Iterator[Operation], odd: list[str]) -> Iterator[Asked]:
    places: defaultdict[str, list[Place]] = defaultdict(list)
    for operation in taken:
        for where in ("path", "query", "body"):
            for name in getattr(operation, f"{where}_texts"):
                places[name].append(Place(operation, where, name))
    for name, alike in places.items():
        free = any(name in place.operation.free_texts for place in alike)
        for number, text in enumerate(odd[:: 1 if free else SOME]):
            yield _asked(alike[number % len(alike)], text)


def _asked(place: Place, text: str) -> Asked:
    operation = place.operation
    body = {each: SAMPLES[each]() for each in operation.required} or None
    known = {each: SAMPLES[each]() for each in operation.path_texts}
    path = operation.path.format(**known)
    if place.where == "path":
        strange = operation.path.format(**known | {place.name: quote(text, safe="")})
        return Asked(place, strange, body=body)
    if place.where == "query":
        return Asked(place, path, {place.name: text}, body)
    return Asked(place, path, body=_confirmed(place, (body or {}) | {place.name: text}))


def _confirmed(place: Place, body: dict[str, Any]) -> dict[str, Any]:
    """What is to be typed twice is, unless the odd string is the second one."""
    again = {
        f"{name}_confirmation": typed
        for name, typed in body.items()
        if f"{name}_confirmation" in place.operation.body_texts
    }
    return body | {name: typed for name, typed in again.items() if name != place.name}


async def _ask_all(identity: Running, asked: list[Asked]) -> list[tuple[Asked, httpx.Response]]:
    answers: list[tuple[Asked, httpx.Response]] = []
    waiting = iter(asked)
    url = identity.platform.replica(SERVICE).url

    async def client() -> None:
        async with httpx.AsyncClient(base_url=url, timeout=ANSWER_S) as http:
            for each in waiting:
                headers = {"Authorization": f"Bearer {AGENT_SESSION}", "Idempotency-Key": draw_id()}
                method = each.place.operation.method
                answer = await http.request(
                    method, each.path, params=each.params, json=each.body, headers=headers
                )
                answers.append((each, answer))

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return answers


def _is_fine(answer: httpx.Response) -> bool:
    """A success, or a refusal that says so as every refusal does; never a failure of ours."""
    if answer.is_success:
        return True
    return answer.is_client_error and answer.headers["content-type"] == MEDIA_TYPE
