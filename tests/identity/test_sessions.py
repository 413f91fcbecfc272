"""Sessions over HTTP: signed out of, ended by what closes them, at once (reliability G-25)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from deploy.local.servers import Servers
from shared.contracts.identity_commands import COMMANDS
from shared.contracts.topics import USER_LIFECYCLE
from tests.harness.polling import eventually
from tests.identity.builders import CONVENTION
from tests.identity.people import People, Person
from tests.identity.running import DEADLINE_S, Running, running

pytestmark = [pytest.mark.connected, pytest.mark.timeout(180)]

AT_ONCE_S = 1.0
"""How soon a session is over when its account or its convention is (G-25)."""
NEW = "Tambour+Girafe9"
UNAUTHORIZED = httpx.codes.UNAUTHORIZED


@pytest.fixture
async def people_ahead(servers: Servers) -> AsyncIterator[People]:
    """In a process of its own, whose clock moves."""
    async with running(servers) as identity:
        yield People(identity)


async def status(identity: Running, token: str) -> int:
    """What a session still opens."""
    return (await identity.ask("GET", "/me", session=token)).status_code


async def test_signed_out_token_is_worth_nothing_for_anything(people: People) -> None:
    person, identity = await people.add("p1"), people.identity
    token, other = await people.token(person), await people.token(person)
    assert token != other
    shown = (await identity.ask("GET", "/sessions/current", session=token)).json()
    assert (shown["user_id"], shown["portee"]) == ("p1", "complete")
    opened = datetime.fromisoformat(shown["opened_at"])
    assert datetime.fromisoformat(shown["ends_at"]) - opened == timedelta(hours=12)
    for _ in range(2):  # sent again with the same key: the same answer
        answer = await identity.ask("DELETE", "/sessions/current", session=token, key="out")
        assert (answer.status_code, answer.content) == (204, b"")
    for method, path, body in (
        ("GET", "/sessions/current", None),
        ("GET", "/me", None),
        ("POST", "/tokens", {"audience": COMMANDS}),
        ("PUT", "/me/telephone", {"telephone": None}),
        ("POST", "/password", {"nouveau_mot_de_passe": NEW}),
        ("DELETE", "/sessions/current", None),
    ):
        answer = await identity.ask(method, path, body, session=token)
        assert answer.status_code == UNAUTHORIZED, (method, path)
        assert answer.json()["code"] == "session_requise"
    assert await status(identity, other) == httpx.codes.OK
    facts = await identity.follow(USER_LIFECYCLE)
    await facts.wait_for(
        lambda record: record.header("ce_type") == "mcp.identity.signed_out.v1", DEADLINE_S
    )


async def test_new_password_ends_every_session_and_the_old_one_opens_nothing(
    people: People,
) -> None:
    person, identity = await people.add("p1"), people.identity
    token = await people.token(person)
    body = {
        "identifiant": person.identifiant,
        "mot_de_passe": person.password,
        "nouveau_mot_de_passe": NEW,
    }
    for _ in range(2):
        answer = await identity.ask("PUT", "/password", body, session=None, key="update")
        assert (answer.status_code, answer.content) == (204, b"")
    assert await status(identity, token) == UNAUTHORIZED
    assert (await people.sign_in(person)).status_code == UNAUTHORIZED
    opened = await people.sign_in(person, NEW)
    assert opened.json()["must_change_password"] is False
    assert opened.json()["last_sign_in_at"] is not None
    weak = {**body, "mot_de_passe": NEW, "nouveau_mot_de_passe": "Soleil13!"}
    refused = await identity.ask("PUT", "/password", weak, session=None)
    assert (refused.status_code, refused.json()["code"]) == (422, "mot_de_passe_trop_facile")
    wrong = {**weak, "mot_de_passe": "Autre-Mot-7"}
    refused = await identity.ask("PUT", "/password", wrong, session=None)
    assert (refused.status_code, refused.json()["code"]) == (401, "connexion_refusee")


Ending = Callable[[Running], Awaitable[None]]


async def suspended(identity: Running) -> None:
    await identity.platform.habilitation.suspend_convention(CONVENTION)


async def closed(identity: Running) -> None:
    await identity.platform.habilitation.close_convention(CONVENTION)


async def account_closed(identity: Running) -> None:
    answer = await identity.ask("POST", "/users/p1/closing", {})
    assert answer.status_code < 300, answer.text


@pytest.mark.parametrize("end", [suspended, closed, account_closed])
async def test_session_is_over_within_a_second_of_what_ends_it(people: People, end: Ending) -> None:
    person, identity = await people.add("p1"), people.identity
    token = await people.token(person)
    assert await status(identity, token) == httpx.codes.OK
    await end(identity)

    async def over() -> bool:
        return await status(identity, token) == UNAUTHORIZED

    await eventually(over, AT_ONCE_S, f"the session is over: {end.__name__}")
    assert (await people.sign_in(person)).status_code == UNAUTHORIZED


async def test_resumed_convention_opens_again(people: People) -> None:
    person, identity = await people.add("p1"), people.identity
    await suspended(identity)

    async def refused() -> bool:
        return (await people.sign_in(person)).status_code == UNAUTHORIZED

    await eventually(refused, DEADLINE_S, "the suspension is known")
    await identity.platform.habilitation.resume_convention(CONVENTION)
    await identity.platform.habilitation.known_to("identity")
    assert (await people.sign_in(person)).status_code == httpx.codes.CREATED


async def test_session_in_use_ends_after_twelve_hours_all_the_same(people_ahead: People) -> None:
    person, identity = await people_ahead.add("p1"), people_ahead.identity
    token = await people_ahead.token(person)
    for minutes in range(25, 12 * 60, 25):
        await moved(identity, timedelta(minutes=minutes), token)
        assert await status(identity, token) == httpx.codes.OK, minutes
    identity.platform.set_clock(timedelta(hours=12, minutes=1))

    async def over() -> bool:
        return await status(identity, token) == UNAUTHORIZED

    await eventually(over, DEADLINE_S, "twelve hours have passed")


async def moved(identity: Running, offset: timedelta, token: str) -> None:
    """Move the clock, and wait until the process follows; looking on is activity."""
    identity.platform.set_clock(offset)
    least = datetime.now(UTC) + offset - timedelta(seconds=1)

    async def there() -> bool:
        answer = await identity.ask("GET", "/sessions/current", session=token)
        until = datetime.fromisoformat(answer.json()["idle_until"])
        return until - timedelta(minutes=30) >= least

    await eventually(there, DEADLINE_S, "the clock moved")


async def test_person_signed_in_twice_at_once_has_two_sessions(people: People) -> None:
    person: Person = await people.add("p1")
    tokens = await asyncio.gather(*(people.token(person) for _ in range(8)))
    assert len(set(tokens)) == 8
    assert {await status(people.identity, token) for token in tokens} == {httpx.codes.OK}
