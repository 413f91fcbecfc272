"""Every failure over HTTP is a problem document (RFC 9457) with a stable code and French words."""

from collections.abc import AsyncIterator
from typing import Annotated

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI, HTTPException, Query, Request
from pydantic import BaseModel, ConfigDict
from pymongo.errors import AutoReconnect

from shared.errors import Refusal, Unavailable
from shared.http import problems
from tests.shared.tiny import TotalNegative


class Form(BaseModel):
    """What is posted."""

    model_config = ConfigDict(extra="forbid")

    amount: int


async def recorded(_: Request, refusal: Refusal) -> Refusal:
    """The refusal, of which nothing is kept here."""
    return refusal


@pytest_asyncio.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    problems.install(app, recorded)

    @app.get("/raises")
    async def raises(kind: Annotated[str, Query()]) -> None:
        errors: dict[str, Exception] = {
            "refusal": TotalNegative(),
            "kept": problems.Refused(
                {"code": "c", "sentence": "Non.", "field": None, "status": 403}
            ),
            "away": Unavailable(),
            "store": AutoReconnect("canari"),
            "http": HTTPException(418, "canari"),
            "bug": ValueError("canari"),
        }
        raise errors[kind]

    @app.post("/forms")
    async def take(form: Form) -> int:
        return form.amount

    @app.get("/forms")
    async def show() -> int:
        return 0

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        yield client


def checked(answer: httpx.Response, status: int, code: str) -> dict[str, object]:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, object] = answer.json()
    assert document["code"] == code
    assert document["status"] == status
    assert document["type"] == f"urn:mcp:probleme:{code}"
    assert document["title"]
    assert document["detail"]
    assert "canari" not in answer.text
    return document


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("refusal", 409, "total_negatif"),
        ("kept", 403, "c"),
        ("away", 503, "indisponible"),
        ("store", 503, "indisponible"),
        ("http", 418, "demande_refusee"),
        ("bug", 500, "erreur_interne"),
    ],
)
async def test_each_failure_has_its_document(
    client: httpx.AsyncClient, kind: str, status: int, code: str
):
    checked(await client.get("/raises", params={"kind": kind}), status, code)


async def test_a_refusal_says_what_to_correct(client: httpx.AsyncClient):
    document = checked(await client.get("/raises?kind=refusal"), 409, "total_negatif")
    assert (document["field"], document["detail"]) == ("amount", TotalNegative.sentence)
    assert "field" not in checked(await client.get("/raises?kind=kept"), 403, "c")


async def test_a_dependency_that_is_away_says_when_to_come_back(client: httpx.AsyncClient):
    answer = await client.get("/raises?kind=away")
    assert answer.headers["retry-after"] == str(problems.RETRY_AFTER_S)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"amount": "canari"}', "amount"),
        (b'{"amount": 1, "canari": 2}', "canari"),
        (b"", None),
    ],
)
async def test_an_invalid_field_is_named_and_its_value_is_not(
    client: httpx.AsyncClient, body: bytes, field: str | None
):
    answer = await client.post("/forms", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["code"] == "champ_invalide"
    assert answer.json().get("field") == field


async def test_a_body_that_is_no_json_names_no_field(client: httpx.AsyncClient):
    json = {"content-type": "application/json"}
    answer = await client.post("/forms", content=b'{"canari": ', headers=json)
    assert "field" not in checked(answer, 422, "json_invalide")


async def test_what_does_not_exist_is_a_problem_too(client: httpx.AsyncClient):
    checked(await client.get("/nothing"), 404, "inconnu")


async def test_a_method_that_is_not_there_is_told_as_such(client: httpx.AsyncClient):
    answer = await client.delete("/forms")
    document = checked(answer, 405, "methode_non_permise")
    assert answer.headers["allow"] == "GET, POST"
    assert document["detail"] != problems.NotFound.sentence
