"""Nobody learns whether an account exists, from an answer or from its time (reliability G-22)."""

import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from random import Random
from typing import Any

import httpx
import pytest

from services.identity.domain.identifiant import draw_identifiant
from shared.calendrier import day_of
from shared.clock import Clock
from tests.harness.platform import Platform
from tests.identity.people import WRONG, People, Person, forget, solved
from tests.identity.running import anew
from tests.identity.timings import Difference, difference

pytestmark = [pytest.mark.connected, pytest.mark.long, pytest.mark.timeout(300)]

SAMPLES = 40
"""Of each kind, interleaved; 1,000 by hand (docs/securite.md)."""
TURNS = 3
"""Times that a difference must be seen."""
TODAY, DAY = day_of(Clock.real_now()), timedelta(days=1)
Try = Callable[[], Awaitable[httpx.Response]]


@pytest.fixture
async def people(behind_proxies: Platform) -> AsyncIterator[People]:
    async with anew(behind_proxies) as identity:
        yield People(identity)


async def measured(kinds: dict[str, list[Try]]) -> dict[str, list[float]]:
    """The durations of every kind, in an order that favours none; their answers are one."""
    order = [(kind, each) for kind, tries in kinds.items() for each in tries]
    Random(7).shuffle(order)  # noqa: S311 - an order
    durations, answers = defaultdict[str, list[float]](list), set[tuple[object, ...]]()
    for kind, each in order:
        started = time.perf_counter()
        answer = await each()
        durations[kind].append(time.perf_counter() - started)
        headers = frozenset((name, len(value)) for name, value in answer.headers.items())
        answers.add((answer.status_code, headers, answer.content))
    assert len(answers) == 1, answers
    return durations


async def assert_alike(kinds: Callable[[int], Awaitable[dict[str, list[Try]]]]) -> None:
    """Both conditions of G-22: medians less than 5 ms apart, and p > 0.01.

    A difference may be the machine's, or chance; the same one every time is ours.
    """
    turns: list[dict[str, Difference]] = []
    for turn in range(TURNS):
        durations = await measured(await kinds(turn))
        first, *others = durations
        seen = {each: difference(durations[first], durations[each]) for each in others}
        turns.append(seen)
        if all(each.is_alike for each in seen.values()):
            return
    apart = [kind for kind in turns[0] if not any(turn[kind].is_alike for turn in turns)]
    assert not apart, [{kind: str(each) for kind, each in turn.items()} for turn in turns]


async def test_failed_sign_ins_are_alike_for_every_account_and_for_none(people: People) -> None:
    locked = await people.add("bloque")
    for _ in range(5):
        await people.sign_in(locked, WRONG)
    states: dict[str, dict[str, Any]] = {
        "ouvert": {},
        "cloture": {"cloture": TODAY - DAY},
        "a_ouvrir": {"ouverture": TODAY + DAY},
        "jamais_ouvert": {"mot_de_passe": None},
    }

    def attempt(person: Person, number: int) -> Try:
        return lambda: people.sign_in(
            person, WRONG, source=f"198.51.{number // 200}.{number % 200}"
        )

    async def kinds(turn: int) -> dict[str, list[Try]]:
        found: dict[str, list[Try]] = {}
        for kind, (state, own) in enumerate(states.items()):
            persons = [
                await people.add(f"{state}-{turn}-{number}", **own) for number in range(SAMPLES)
            ]
            found[state] = [
                attempt(each, kind * SAMPLES + number) for number, each in enumerate(persons)
            ]
        unknown = [Person("personne", draw_identifiant(), "") for _ in range(SAMPLES)]
        found["inconnu"] = [attempt(each, 1000 + n) for n, each in enumerate(unknown)]
        found["bloque"] = [attempt(locked, 2000 + n) for n in range(SAMPLES)]
        return found

    await assert_alike(kinds)


async def test_forgotten_passwords_are_alike_for_every_address(people: People) -> None:
    async def attempt(mail: str, number: int) -> Try:
        headers = {"X-Forwarded-For": f"198.51.100.{number}"}
        given = await people.identity.ask("POST", "/captchas", {}, session=None, headers=headers)
        captcha_id = given.json()["captcha_id"]
        answer = solved(people.identity, captcha_id)
        return lambda: forget(people.identity, mail, answer=answer, captcha_id=captcha_id)

    async def kinds(turn: int) -> dict[str, list[Try]]:
        opened = [await people.add(f"o{turn}-{number}") for number in range(SAMPLES)]
        closed = [
            await people.add(f"c{turn}-{number}", cloture=TODAY - DAY) for number in range(SAMPLES)
        ]
        return {
            "connue": [await attempt(each.mail, n) for n, each in enumerate(opened)],
            "close": [await attempt(each.mail, n) for n, each in enumerate(closed)],
            "inconnue": [
                await attempt(f"x{turn}-{n}@valfleury.example", n) for n in range(SAMPLES)
            ],
        }

    await assert_alike(kinds)
