"""Guesses at an account, over HTTP and on two processes (reliability G-20, G-21)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from itertools import permutations

import httpx
import pytest

from deploy.local.servers import Servers
from services.identity import essais
from shared.contracts.identity import SERVICE
from shared.contracts.topics import CREDENTIALS, USER_LIFECYCLE
from shared.ids import draw_id
from tests.harness.http import ServiceClient
from tests.harness.platform import Platform
from tests.harness.polling import eventually
from tests.identity.people import WRONG, People, Person, forget, verifications
from tests.identity.running import DEADLINE_S, Running, anew, running

pytestmark = [pytest.mark.connected, pytest.mark.long, pytest.mark.timeout(180)]

SEUIL = 5
"""What G-20 says; not read from the code."""
FAILED, LOCKED = "mcp.identity.sign_in_failed.v1", "mcp.identity.user_locked.v1"
UNAUTHORIZED, CREATED = httpx.codes.UNAUTHORIZED, httpx.codes.CREATED
REFUSED = {UNAUTHORIZED, httpx.codes.FORBIDDEN}
OVERLOADED = httpx.codes.SERVICE_UNAVAILABLE
"""A machine too busy for 200 at once may say so to some: that tells nothing of a password."""


@pytest.fixture(params=[1, pytest.param(2, marks=pytest.mark.apache)], ids=["one", "two"])
def processes(request: pytest.FixtureRequest) -> int:
    """How many processes share the store; two need the groups of a real Kafka."""
    return int(request.param)


@pytest.fixture
async def several(servers: Servers, processes: int) -> AsyncIterator[People]:
    """That many processes of identity."""
    async with running(servers, replicas={SERVICE: processes}) as identity:
        yield People(identity)


@pytest.fixture
async def one(behind_proxies: Platform) -> AsyncIterator[People]:
    """One process, behind a proxy of ours."""
    async with anew(behind_proxies) as identity:
        yield People(identity)


async def told(identity: Running, person: Person, type: str) -> int:
    """How many facts of that type were told of a person; one published twice is one."""
    records = await identity.platform.read(USER_LIFECYCLE)
    key = person.user_id.encode()
    own = [each for each in records if each.key == key and each.header("ce_type") == type]
    return len({each.header("ce_id") for each in own})


async def patient(people: People, person: Person, client: ServiceClient) -> httpx.Response:
    """Sign in; asked again where the machine is too busy to answer."""
    while (answer := await people.sign_in(person, client=client)).status_code == OVERLOADED:
        pass
    return answer


async def test_of_200_guesses_at_once_five_are_looked_at_and_honest_people_come_in(
    several: People, processes: int
) -> None:
    identity, every = several.identity, range(processes)
    victim, honest = await several.add("victime"), await several.add("honnete")
    clients = [await identity.platform.http(SERVICE, replica) for replica in every]
    guesses = [
        several.sign_in(victim, f"{WRONG}{number}", client=clients[number % processes])
        for number in range(200)
    ]
    rights = [patient(several, honest, clients[number % processes]) for number in range(20)]
    answers = await asyncio.gather(*guesses, *rights)
    refused = {(answer.status_code, answer.text) for answer in answers[:200]}
    assert {status for status, _ in refused} - {OVERLOADED} == {UNAUTHORIZED}
    assert len(refused) <= 2
    assert [answer.status_code for answer in answers[200:]] == [CREATED] * 20
    counters = identity.platform.database(SERVICE)[essais.COLLECTION].find()
    assert sorted(len(row["suite"]) for row in counters) == [0, SEUIL, SEUIL]  # and the source
    done = await verifications(identity, *every)
    assert SEUIL + 20 <= done <= SEUIL + 40  # an honest one may have been asked again

    assert (await several.sign_in(victim)).status_code == UNAUTHORIZED  # right, and too soon
    assert await verifications(identity, *every) == done

    async def all_told() -> bool:
        return await told(identity, victim, LOCKED) > 0

    await eventually(all_told, DEADLINE_S, "the delay is told")
    identity.platform.set_clock(timedelta(minutes=1, seconds=1))
    await several.comes_in_at_last(victim)
    assert await told(identity, victim, FAILED) <= SEUIL
    assert await told(identity, victim, LOCKED) == 1


@pytest.mark.apache
async def test_killed_in_the_middle_of_guesses_the_bound_still_holds(servers: Servers) -> None:
    async with running(servers, replicas={SERVICE: 2}) as identity:
        await killed_in_the_middle(People(identity))


async def killed_in_the_middle(two: People) -> None:
    victim = await two.add("victime")
    first, second = [await two.identity.platform.http(SERVICE, replica) for replica in (0, 1)]
    counters = two.identity.platform.database(SERVICE)[essais.COLLECTION]
    rush = [
        asyncio.create_task(two.sign_in(victim, f"{WRONG}{number}", client=first))
        for number in range(100)
    ]
    await eventually(lambda: counters.find_one({"en_cours": {"$ne": []}}), DEADLINE_S, "a place")
    two.identity.platform.kill(SERVICE, 0)
    await asyncio.wait(rush)
    assert all(isinstance(each.exception(), httpx.TransportError | None) for each in rush)
    row = counters.find_one({}, sort=[("suite", -1)])
    assert row is not None
    left = SEUIL - len(row["suite"]) - len(row["en_cours"])
    assert left >= 0
    answers = await asyncio.gather(
        *(two.sign_in(victim, f"{WRONG}-{number}", client=second) for number in range(100))
    )
    assert {answer.status_code for answer in answers} <= {UNAUTHORIZED, OVERLOADED}
    assert await verifications(two.identity, 1) <= left

    async def delayed() -> bool:  # the places of the dead are failures ten seconds later
        await two.sign_in(victim, client=second)
        return await told(two.identity, victim, LOCKED) == 1

    await eventually(delayed, DEADLINE_S, "what died is counted")
    assert await verifications(two.identity, 1) <= left
    two.identity.platform.set_clock(timedelta(minutes=2))

    async def opened() -> bool:
        return (await two.sign_in(victim, client=second)).status_code == CREATED

    await eventually(opened, DEADLINE_S, "the right password opens again")


async def test_request_sent_again_is_not_another_guess(one: People) -> None:
    person = await one.add("p1")
    body = {"identifiant": person.identifiant, "mot_de_passe": WRONG}
    key, before = draw_id(), await verifications(one.identity)
    for _ in range(10):
        answer = await one.identity.ask("POST", "/sessions", body, key=key)
        assert answer.status_code == UNAUTHORIZED
    assert await verifications(one.identity) == before + 1
    other = {**body, "mot_de_passe": person.password}
    answer = await one.identity.ask("POST", "/sessions", other, key=key)
    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert await verifications(one.identity) == before + 1
    assert (await one.sign_in(person)).status_code == CREATED


async def test_source_is_the_connection_unless_a_proxy_of_ours_says_otherwise(
    servers: Servers,
) -> None:
    """Nobody gets more guesses by telling other addresses: 51 accounts, one guess each."""
    async with running(servers) as identity:
        people = People(identity)
        everybody = [await people.add(f"p{number}") for number in range(51)]
        for number, person in enumerate(everybody):
            await people.sign_in(person, WRONG, source=f"198.51.100.{number}")
        assert await verifications(identity) == 50
        assert (await people.sign_in(everybody[0])).status_code == UNAUTHORIZED


async def test_delay_stops_neither_the_mail_of_a_forgotten_password_nor_a_choice_begun(
    one: People,
) -> None:
    """But the password that the mail brings waits like any other (G-21)."""
    identity, person = one.identity, await one.add("p1", temporary=True)
    narrow = (await one.sign_in(person, person.temporary)).json()["token"]
    for _ in range(SEUIL):
        assert (await one.sign_in(person, WRONG)).status_code == UNAUTHORIZED
    assert (await forget(identity, person.mail)).status_code == httpx.codes.ACCEPTED
    follower = await identity.follow(CREDENTIALS)
    mail = await follower.wait_for(lambda each: each.key == b"p1", DEADLINE_S)
    temporary = identity.opened(mail)["mot_de_passe"]
    done = await verifications(identity)
    assert (await one.sign_in(person, temporary)).status_code == UNAUTHORIZED
    assert await verifications(identity) == done
    chosen = {"nouveau_mot_de_passe": "Tambour+Girafe9"}
    answer = await identity.ask("POST", "/password", chosen, session=narrow)
    assert answer.status_code == httpx.codes.NO_CONTENT
    assert (await one.sign_in(person, "Tambour+Girafe9")).status_code == UNAUTHORIZED
    assert await verifications(identity) == done


Way = Callable[[People, Person, str], Awaitable[httpx.Response]]


async def by_password(people: People, person: Person, source: str) -> httpx.Response:
    return await people.sign_in(person, source=source)


async def by_temporary_password(people: People, person: Person, source: str) -> httpx.Response:
    return await people.sign_in(person, person.temporary, source=source)


async def by_update(people: People, person: Person, source: str) -> httpx.Response:
    body = {
        "identifiant": person.identifiant,
        "mot_de_passe": person.password,
        "nouveau_mot_de_passe": "Tout-Autre-2026",
    }
    return await people.identity.ask(
        "PUT", "/password", body, session=None, headers={"X-Forwarded-For": source}
    )


async def by_own_mail(people: People, person: Person, source: str) -> httpx.Response:
    """In a session that was opened before; refused with 403, for the session is not at stake."""
    mail = f"essai.{draw_id()}@valfleury.example"
    body = {"mail": mail, "mail_confirmation": mail, "mot_de_passe": person.password}
    headers = {"X-Forwarded-For": source}
    session = people.sessions[person.user_id]
    return await people.identity.ask("PUT", "/me/mail", body, session=session, headers=headers)


WAYS: dict[str, Way] = {
    "connexion": by_password,
    "provisoire": by_temporary_password,
    "mise à jour": by_update,
    "adresse": by_own_mail,
}


def wrong(person: Person) -> Person:
    """The same person, who mistypes everything."""
    temporary = (person.temporary or "")[::-1]
    return Person(person.user_id, person.identifiant, person.mail, WRONG, temporary)


async def test_one_counter_for_every_pathway_in_every_order(one: People) -> None:
    """Failures by one way delay every other; half by one and half by another are one sum."""
    for number, (first, then) in enumerate(permutations(WAYS, 2)):
        person = await one.add(f"p{number}", temporary=True)
        one.sessions[person.user_id] = await one.token(person, f"203.0.113.{number}")
        source = f"198.51.100.{number}"
        before = await verifications(one.identity)
        for attempt in range(SEUIL):
            way = WAYS[first] if attempt % 2 else WAYS[then]
            assert (await way(one, wrong(person), source)).status_code in REFUSED
        assert await verifications(one.identity) == before + SEUIL, (first, then)
        for name in (first, then, *WAYS):
            refused = await WAYS[name](one, person, source)
            assert refused.status_code in REFUSED, (first, then, name)
        assert await verifications(one.identity) == before + SEUIL, (first, then)
