"""A no to somebody known leaves one record before it is told; nothing else does (ADR-0023)."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, ClassVar

import httpx
import pytest
import pytest_asyncio
from fastapi import APIRouter, Body, Depends, Request
from pymongo.errors import AutoReconnect

from shared.contracts.envelope import Id
from shared.errors import Refusal
from shared.http import acces_refuses as module
from shared.http.access import Access
from shared.http.problems import NotFound
from shared.mongo.acces_refuses import COLLECTION, KEPT, MOST, AccesRefuse
from shared.mongo.acces_refuses import keep as really_keep
from shared.mongo.client import Store
from shared.runtime import Runtime
from shared.security.principal import ActorKind, Principal
from shared.security.tokens import TokenIssuer, http_audience
from tests.shared.in_process import Here, http
from tests.shared.tiny import ADD, AGENT, KEYS, SERVICE, AddToCounter, TotalNegative

BOB = Principal(ActorKind.PARTENAIRE, "bob")
ISSUER = TokenIssuer(json.dumps(KEYS.signing))


class NotOpen(Refusal):
    """A counter that the actor may not see."""

    code: ClassVar[str] = "ferme"
    sentence: ClassVar[str] = "Ce compteur n’est pas ouvert."
    status: ClassVar[int] = 403


SAYS: dict[str, type[Refusal]] = {"none": NotFound, "closed": NotOpen, "early": TotalNegative}


def routes_of(runtime: Runtime) -> APIRouter:
    router = APIRouter()
    access = Access(runtime.settings.jwks, runtime.clock, runtime.service.name)
    known = Annotated[Principal, Depends(access.principal)]

    async def only_bob(actor: known) -> None:
        if actor != BOB:
            raise NotOpen

    @router.get("/counters/{counter_id}")
    async def show(counter_id: Id, actor: known, says: str = "") -> str:
        if says in SAYS:
            raise SAYS[says]
        return counter_id

    @router.post("/counters/{counter_id}/guess")
    async def guess(counter_id: Id, actor: known) -> None:
        raise NotFound

    @router.get("/bobs/{counter_id}", dependencies=[Depends(only_bob)])
    async def show_bobs(counter_id: Id) -> str:
        return counter_id

    @router.get("/open/{counter_id}")
    async def show_anybody(counter_id: Id) -> None:
        raise NotFound

    @router.post("/counters/{counter_id}")
    async def add(
        request: Request, counter_id: Id, amount: Annotated[int, Body(embed=True)], actor: known
    ) -> None:
        asked = AddToCounter(counter_id=counter_id, amount=amount)
        await runtime.http_door.ask(request, ADD, asked, actor)
        raise NotOpen  # what is said after the decision, as of a wrong password

    return router


@pytest_asyncio.fixture
async def runtime(here: Here) -> AsyncIterator[Runtime]:
    async with here.running(here.service(routes=routes_of)) as runtime:
        yield runtime


@pytest_asyncio.fixture
async def client(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    async with http(runtime) as client:
        yield client


def shown(by: Principal = AGENT) -> dict[str, str]:
    """The token of somebody for this door."""
    token = ISSUER.issue(by, audience=http_audience(SERVICE), now=datetime.now(UTC))
    return {"Authorization": f"Bearer {token}"}


def rows(here: Here) -> list[dict[str, Any]]:
    return list(here.database(SERVICE)[COLLECTION].find().sort("at", 1))


async def ask(client: httpx.AsyncClient, path: str, by: Principal = AGENT) -> tuple[int, str]:
    answer = await client.get(path, headers=shown(by))
    return answer.status_code, answer.json()["code"] if answer.is_error else ""


@pytest.mark.parametrize(("says", "refusal"), [("none", NotFound), ("closed", NotOpen)])
async def test_one_record_of_who_what_when(
    here: Here, client: httpx.AsyncClient, says: str, refusal: type[Refusal]
) -> None:
    told = await ask(client, f"/counters/c1?says={says}&nom=Canari")
    assert told == (refusal.status, refusal.code)
    (row,) = rows(here)
    assert len(row.pop("_id")) == len(row.pop("correlation")) == 32
    assert abs(row.pop("at") - datetime.now(UTC)) < timedelta(minutes=1)
    assert row == {
        "acteur": "agent-1",
        "genre": "agent_caf",
        "route": "GET /counters/{counter_id}",
        "cible": {"counter_id": "c1"},
        "code": refusal.code,
    }


async def test_what_only_reads_is_recorded_whatever_its_method(
    here: Here, client: httpx.AsyncClient
) -> None:
    answer = await client.post("/counters/c1/guess", headers=shown())
    assert answer.status_code == 404
    assert [each["route"] for each in rows(here)] == ["POST /counters/{counter_id}/guess"]


async def test_an_address_is_recorded_as_far_as_it_names_ids(
    here: Here, client: httpx.AsyncClient
) -> None:
    """A refusal may come before the address is looked at."""
    for typed in ("canari@mcp.example", "un canari", "c1"):
        assert await ask(client, f"/bobs/{typed}") == (403, "ferme")
    assert [each["cible"] for each in rows(here)] == [{}, {}, {"counter_id": "c1"}]
    assert "canari" not in str(rows(here))


async def test_nothing_else_is_recorded(here: Here, client: httpx.AsyncClient) -> None:
    assert await ask(client, "/counters/c1") == (200, "")
    assert await ask(client, "/counters/c1?says=early") == (409, "total_negatif")
    assert await ask(client, "/counters/un%20canari") == (422, "champ_invalide")
    assert await ask(client, "/nowhere/c1") == (404, "inconnu")
    assert await ask(client, "/open/c1") == (404, "inconnu")
    for headers in ({}, {"Authorization": "Bearer canari"}):
        assert (await client.get("/bobs/c1", headers=headers)).status_code == 401
    assert rows(here) == []


async def test_a_command_has_its_inbox_row_and_no_other(
    here: Here, client: httpx.AsyncClient
) -> None:
    for key, amount, code in (("k1", -1, "total_negatif"), ("k2", 1, "ferme")):
        headers = shown() | {"Idempotency-Key": key}
        answer = await client.post("/counters/c1", json={"amount": amount}, headers=headers)
        assert answer.json()["code"] == code
    assert here.database(SERVICE)["inbox"].count_documents({"asked.actor": "agent-1"}) == 2
    assert rows(here) == []


async def test_the_answer_waits_for_the_record(
    here: Here, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, told = asyncio.Event(), asyncio.Event()

    async def keep(store: Store, refused: AccesRefuse) -> None:
        await really_keep(store, refused)
        kept.set()
        await told.wait()

    monkeypatch.setattr(module, "keep", keep)
    asked = asyncio.create_task(ask(client, "/counters/c1?says=none"))
    await asyncio.wait_for(kept.wait(), 10)
    assert not asked.done()
    assert len(rows(here)) == 1
    told.set()
    assert await asked == (404, "inconnu")


async def test_without_its_record_there_is_no_no(
    here: Here, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def keep(store: Store, refused: AccesRefuse) -> None:
        raise AutoReconnect("canari")

    monkeypatch.setattr(module, "keep", keep)
    answer = await client.get("/counters/c1?says=none", headers=shown())
    assert (answer.status_code, answer.json()["code"]) == (503, "indisponible")
    assert answer.headers["retry-after"]
    assert rows(here) == []


async def test_one_actor_fills_nothing(here: Here, client: httpx.AsyncClient) -> None:
    """Past the bound of an hour nobody is told whether anything is there, nor recorded."""
    now = datetime.now(UTC)
    of_bob = {"acteur": BOB.id, "genre": BOB.kind.value}
    before = [{"_id": str(n), "at": now, **of_bob} for n in range(MOST - 1)]
    old = [{"_id": f"old-{n}", "at": now - timedelta(hours=1), **of_bob} for n in range(MOST)]
    here.database(SERVICE)[COLLECTION].insert_many([*before, *old])
    assert await ask(client, "/counters/c1?says=none", BOB) == (404, "inconnu")
    for says in ("none", "closed"):
        assert await ask(client, f"/counters/c1?says={says}", BOB) == (429, "trop_de_refus")
    assert here.database(SERVICE)[COLLECTION].count_documents(of_bob) == 2 * MOST
    assert await ask(client, "/counters/c1", BOB) == (200, "")
    assert await ask(client, "/counters/c1?says=none") == (404, "inconnu")


async def test_a_record_is_kept_a_year(here: Here, runtime: Runtime) -> None:
    indexes = here.database(SERVICE)[COLLECTION].index_information()
    kept = [each["expireAfterSeconds"] for each in indexes.values() if len(each) > 2]
    assert timedelta(days=365) == KEPT
    assert kept == [int(KEPT.total_seconds())]
