"""The HTTP door: once per key, answered after the commit, whatever the broker does."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx
import pytest
import pytest_asyncio
from fastapi import APIRouter, Body, Header, Request

from deploy.local.embedded_broker import EmbeddedBroker
from deploy.local.servers import Servers
from shared.http import door as module
from shared.http.problems import AnsweredOnce
from shared.path.decision import Decision, Reader, UseCase
from shared.path.decision import Request as Asked
from shared.runtime import Runtime
from shared.security.principal import ActorKind, Principal
from tests.harness.polling import eventually
from tests.shared.in_process import Here, http
from tests.shared.tiny import ADD, COUNTERS, SERVICE, AddToCounter

DEADLINE_S = 10


class Gate:
    """A preparation that waits until the test says so."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.open.set()
        self.waiting = 0

    async def __call__(self, _: Asked[AddToCounter, None], __: Reader) -> None:
        self.waiting += 1
        await self.open.wait()
        self.waiting -= 1


@pytest.fixture
def gate() -> Gate:
    return Gate()


def routes_of(runtime: Runtime, gate: Gate) -> APIRouter:
    router = APIRouter()
    add = UseCase[AddToCounter, None](
        message=AddToCounter, keys=ADD.keys, decide=ADD.decide, prepare=gate
    )
    who = Annotated[str, Header(alias="x-who")]

    @router.post("/counters/{counter_id}", status_code=201)
    async def add_to(
        request: Request, counter_id: str, amount: Annotated[int, Body(embed=True)], who: who = "a"
    ) -> dict[str, str]:
        asked = AddToCounter(counter_id=counter_id, amount=amount)
        principal = Principal(ActorKind.AGENT_CAF, who)
        outcome = await runtime.http_door.ask(request, add, asked, principal)
        return dict(outcome.result)

    @router.post("/tokens", status_code=201)
    async def give_secret(request: Request) -> dict[str, str]:
        asked = AddToCounter(counter_id="c1", amount=1)
        principal = Principal(ActorKind.AGENT_CAF, "a")
        outcome = await runtime.http_door.ask(request, add, asked, principal)
        if not outcome.first:
            raise AnsweredOnce
        return {"token": "secret"}

    @router.post("/bugs")
    async def fail(request: Request) -> None:
        def decide(*_: Any) -> Decision:
            raise ValueError("canari")

        broken = UseCase[AddToCounter, None](message=AddToCounter, keys=ADD.keys, decide=decide)
        asked = AddToCounter(counter_id="c1", amount=1)
        await runtime.http_door.ask(request, broken, asked, Principal(ActorKind.AGENT_CAF, "a"))

    return router


@pytest_asyncio.fixture
async def runtime(here: Here, gate: Gate) -> AsyncIterator[Runtime]:
    service = here.service(
        routes=lambda runtime: routes_of(runtime, gate), settings={"group_deadline_s": 0.3}
    )
    async with here.running(service) as runtime:
        yield runtime


@pytest_asyncio.fixture
async def client(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    async with http(runtime) as client:
        yield client


async def post(client: httpx.AsyncClient, key: str | None, amount: int = 5, **more: Any) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    return await client.post(
        more.get("path", "/counters/c1"),
        json={"amount": amount},
        headers={**headers, **more.get("headers", {})},
    )


def total(here: Here) -> int:
    found = here.database(SERVICE)["counters"].find_one({"_id": "c1"})
    return 0 if found is None else int(found["total"])


async def test_the_same_key_and_body_get_the_same_answer_and_act_once(
    here: Here, client: httpx.AsyncClient
):
    answers = [await post(client, "k1") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201] * 3
    assert {answer.text for answer in answers} == {'{"counter_id":"c1"}'}
    assert total(here) == 5


async def test_a_known_request_is_not_prepared_again(client: httpx.AsyncClient, gate: Gate):
    """Its slow part may be the look at a password, which counts."""
    await post(client, "k1")
    gate.open.clear()
    again = await post(client, "k1")
    other = await post(client, "k1", 6)
    assert (again.status_code, other.status_code) == (201, 422)
    assert gate.waiting == 0


async def test_the_same_key_gets_the_same_refusal(here: Here, client: httpx.AsyncClient):
    first = await post(client, "k1", -5)
    await post(client, "k2", 50)
    again = await post(client, "k1", -5)
    assert first.status_code == again.status_code == 409
    assert first.json() == again.json()
    assert first.json()["code"] == "total_negatif"
    assert first.json()["field"] == "amount"
    assert total(here) == 50


async def test_the_same_key_with_another_body_is_422(here: Here, client: httpx.AsyncClient):
    await post(client, "k1", 5)
    answer = await post(client, "k1", 6)
    assert (answer.status_code, answer.json()["code"]) == (422, "cle_idempotence_reprise")
    assert total(here) == 5


@pytest.mark.parametrize("key", [None, "", "a b", "x" * 129, "é"])
async def test_no_key_or_an_odd_one_is_400(here: Here, client: httpx.AsyncClient, key: str | None):
    headers = [] if key is None else [(b"Idempotency-Key", key.encode())]
    answer = await client.post("/counters/c1", json={"amount": 5}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "cle_idempotence_absente")
    assert total(here) == 0


async def test_a_key_is_of_one_actor_and_one_route(here: Here, client: httpx.AsyncClient):
    await post(client, "k1")
    other = await post(client, "k1", headers={"x-who": "b"})
    elsewhere = await post(client, "k1", path="/counters/c2")
    assert other.status_code == elsewhere.status_code == 201
    assert total(here) == 10


async def test_a_key_in_flight_is_409_and_answered_when_it_is_through(
    here: Here, client: httpx.AsyncClient, gate: Gate
):
    gate.open.clear()
    first = asyncio.create_task(post(client, "k1"))
    await eventually(lambda: gate.waiting, DEADLINE_S, "in flight")
    again = await post(client, "k1")
    assert (again.status_code, again.json()["code"]) == (409, "demande_en_cours")
    gate.open.set()
    assert (await first).status_code == 201
    assert (await post(client, "k1")).status_code == 201
    assert total(here) == 5


async def test_an_answer_that_holds_a_secret_is_not_given_twice(
    here: Here, client: httpx.AsyncClient
):
    first, again = (
        await post(client, "k1", path="/tokens"),
        await post(client, "k1", path="/tokens"),
    )
    assert first.json() == {"token": "secret"}
    assert (again.status_code, again.json()["code"]) == (409, "deja_repondu")
    assert "secret" not in str(list(here.database(SERVICE)["inbox"].find()))


async def test_the_inbox_keeps_a_proof_of_the_body_and_not_the_body(
    here: Here, client: httpx.AsyncClient
):
    await post(client, "k1", 987_654)
    (row,) = here.database(SERVICE)["inbox"].find()
    assert row["asked"]["actor"] == "a"
    assert row["asked"]["route"] == "POST /counters/c1"
    assert len(row["asked"]["body_mac"]) == 64
    assert row["status"] == "done"
    assert row["result"] == {"counter_id": "c1"}
    assert "987654" not in str(row)


async def test_the_answer_leaves_after_the_commit_while_the_broker_is_away(
    here: Here, client: httpx.AsyncClient, servers: Servers
):
    if not isinstance(servers.broker, EmbeddedBroker):
        pytest.skip("only the embedded broker goes away on demand")
    servers.broker.take_down()
    async with asyncio.timeout(5):
        answers = [await post(client, f"k{n}", 1) for n in range(20)]
    assert {answer.status_code for answer in answers} == {201}
    assert total(here) == 20
    assert here.database(SERVICE)["outbox"].count_documents({}) == 20
    servers.broker.bring_up()
    follower = await here.follow(COUNTERS)
    told = await follower.wait_for_many(lambda record: record.key == b"c1", 20, 40)
    assert [record.json()["total"] for record in told] == list(range(1, 21))


async def test_a_store_that_stays_away_is_503_within_the_bound(
    here: Here, client: httpx.AsyncClient, servers: Servers, monkeypatch: pytest.MonkeyPatch
):
    if servers.mongod is None:
        pytest.skip("the mongod is not ours to stop")
    servers.mongod.limit_transactions(1)
    monkeypatch.setattr(module, "ANSWER_S", 0.5)
    os.kill(servers.mongod.process.pid, signal.SIGSTOP)
    try:
        async with asyncio.timeout(5):
            answer = await post(client, "k1")
    finally:
        os.kill(servers.mongod.process.pid, signal.SIGCONT)
    assert (answer.status_code, answer.json()["code"]) == (503, "indisponible")
    assert answer.headers["retry-after"] == "5"
    again: Any = await eventually(lambda: _through(client), DEADLINE_S, "the store is back")
    assert again.status_code == 201
    assert total(here) == 5


async def _through(client: httpx.AsyncClient) -> httpx.Response | None:
    answer: httpx.Response = await post(client, "k1")
    return None if answer.status_code == 503 else answer


async def test_too_much_waiting_to_be_published_turns_commands_away(
    here: Here, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "FULL", -1)
    answer = await post(client, "k1")
    assert (answer.status_code, answer.json()["code"]) == (503, "service_engorge")
    assert answer.headers["Retry-After"]
    assert total(here) == 0


async def test_a_bug_is_the_requests_own_error_and_says_nothing(
    here: Here, client: httpx.AsyncClient
):
    answer = await post(client, "k1", path="/bugs")
    assert (answer.status_code, answer.json()["code"]) == (500, "erreur_interne")
    assert "canari" not in answer.text
    assert here.database(SERVICE)["outbox"].count_documents({}) == 0
    assert (await post(client, "k2")).status_code == 201
