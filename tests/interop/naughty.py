"""The Big List of Naughty Strings in every text that a door takes: dealt out, asked, judged."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import quote

import httpx

from shared.http.problems import MEDIA_TYPE
from shared.ids import draw_id
from tests.interop.openapi import Operation, Text

CLIENTS = 8
SOME = 10
"""One string in ten where the document has a pattern or a list, which refuse them all alike."""
ANSWER_S = 30

Samples = Mapping[str, Callable[[], Any]]
"""What each field that must be there holds when the odd string is in another one."""


@dataclass(frozen=True)
class Place:
    """A text of an operation: in its address, after its question mark, or in its body."""

    operation: Operation
    where: str
    text: Text

    def __str__(self) -> str:
        return f"{self.operation.method} {self.operation.path} {self.text.name}"


@dataclass(frozen=True)
class Asked:
    """One request with one odd string in one place."""

    place: Place
    typed: str
    path: str
    params: dict[str, str] = field(default_factory=dict)
    body: Any = None


def dealt(
    taken: Iterable[Operation],
    odd: Sequence[str],
    samples_of: Callable[[Operation], Samples],
    every: int = 1,
) -> Iterator[Asked]:
    """Each string in each free text, dealt out among the operations that have one of that name.

    `every` takes one string in so many for a text, others for the next one: all are asked still, as
    long as that many texts are free.
    """
    places: defaultdict[str, list[Place]] = defaultdict(list)
    for operation in taken:
        for where in ("path", "query"):
            for name in getattr(operation, f"{where}_texts"):
                places[name].append(Place(operation, where, Text((name,), free=False)))
        for each in operation.body_texts:
            places[each.name].append(Place(operation, "body", each))
    turn = {True: count(), False: count()}
    for alike in places.values():
        is_free = any(place.text.free for place in alike)
        step = every if is_free else every * SOME
        for number, text in enumerate(odd[next(turn[is_free]) % step :: step]):
            place = alike[number % len(alike)]
            yield _asked(place, text, samples_of(place.operation))


def _asked(place: Place, text: str, samples: Samples) -> Asked:
    operation, name = place.operation, place.text.name
    known = {each: samples[each]() for each in operation.path_texts}
    path = operation.path.format(**known)
    if place.where == "body":
        body = operation.body(samples, place.text.place)
        _put(body, place, text)
        return Asked(place, text, path, body=body)
    body = operation.body(samples)
    if place.where == "query":
        return Asked(place, text, path, {name: text}, body)
    strange = operation.path.format(**known | {name: quote(text, safe="")})
    return Asked(place, text, strange, body=body)


def _put(body: Any, place: Place, typed: str) -> None:
    """Type it where it goes; what is to be typed twice is, unless the odd string is the second."""
    *path, last = place.text.place
    for each in path:
        body = body[each]
    body[last] = typed
    beside = {each.name for each in place.operation.body_texts if [*each.place[:-1]] == path}
    if isinstance(body, dict):
        again = {f"{name}_confirmation": said for name, said in body.items()}
        body.update({name: again[name] for name in (beside & again.keys()) - {last}})


async def ask_all(
    url: str, asked: Iterable[Asked], token_for: Callable[[Operation], str]
) -> list[tuple[Asked, httpx.Response]]:
    """Ask all of them, several at once, each with a key of its own."""
    answers: list[tuple[Asked, httpx.Response]] = []
    waiting = iter(asked)

    async def client() -> None:
        async with httpx.AsyncClient(base_url=url, timeout=ANSWER_S) as http:
            for each in waiting:
                token = token_for(each.place.operation)
                headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": draw_id()}
                method = each.place.operation.method
                answer = await http.request(
                    method, each.path, params=each.params, json=each.body, headers=headers
                )
                answers.append((each, answer))

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return answers


def wrong(answers: Iterable[tuple[Asked, httpx.Response]]) -> list[str]:
    """Answers that are neither a success nor a refusal that says so as every refusal does."""
    return sorted(
        f"{answer.status_code} {asked.place} {answer.text}"
        for asked, answer in answers
        if not answer.is_success
        and not (answer.is_client_error and answer.headers["content-type"] == MEDIA_TYPE)
    )
