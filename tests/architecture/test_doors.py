"""Who is told no at a door is known there, whatever the route: no way in of its own (ADR-0023)."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from services.identity.sessions import Sessions
from shared.http.access import Access
from shared.http.app import make_app
from shared.runtime import Runtime
from tests.architecture.test_house import callers
from tests.architecture.wiring import wired
from tests.harness.platform import SERVICES

ADMIT = {Access.principal, Sessions.ended_or_not, Sessions.any, Sessions.full}
"""What tells routes who asks, each by `admit`: no file but theirs calls it."""
EVERYWHERE = {("GET", path) for path in ("/healthz", "/readyz", "/metrics", "/asyncapi")}
TO_ANYBODY = {
    "habilitation": EVERYWHERE,
    "identity": EVERYWHERE
    | {
        ("POST", "/sessions"),
        ("PUT", "/password"),
        ("POST", "/password/forgotten"),
        ("POST", "/captchas"),
        ("GET", "/captchas/{captcha_id}/image"),
        ("GET", "/captchas/{captcha_id}/texte"),
        ("GET", "/connexion"),
        ("GET", "/regles"),
        ("GET", "/aide/connexion"),
        ("POST", "/aide/connexion"),
        ("POST", "/oauth/token"),
        ("GET", "/.well-known/jwks.json"),
    },
    "notifications": EVERYWHERE,
}
"""Routes that ask nobody who he is: they show what anybody may see, or find out who comes."""


@pytest.fixture
async def runtime(name: str, monkeypatch: pytest.MonkeyPatch) -> Runtime:
    runtime = Runtime(wired(name, monkeypatch))
    runtime.store.close()
    return runtime


def routes_of(app: FastAPI, runtime: Runtime) -> list[APIRoute]:
    """What every service answers, then its own routes."""
    own = runtime.service.routes(runtime).routes if runtime.service.routes else ()
    return [each for each in (*app.routes, *own) if isinstance(each, APIRoute)]


def asked_of(dependant: Dependant) -> Iterator[Any]:
    """Everything that is called before a route is, functions of objects as of their class."""
    for each in dependant.dependencies:
        yield getattr(each.call, "__func__", each.call)
        yield from asked_of(each)


@pytest.mark.parametrize("name", SERVICES)
async def test_every_route_knows_who_asks_or_is_open_to_anybody(
    name: str, runtime: Runtime
) -> None:
    app = make_app(runtime)
    routes = routes_of(app, runtime)
    assert {each.path for each in routes} == {*app.openapi()["paths"]}
    known = {
        (method, each.path)
        for each in routes
        for method in each.methods or ()
        if ADMIT & {*asked_of(each.dependant)}
    }
    everything = {(method, each.path) for each in routes for method in each.methods or ()}
    assert everything - known == TO_ANYBODY[name]
    signed = {
        (method.upper(), path)
        for path, item in app.openapi()["paths"].items()
        for method, told in item.items()
        if "security" in told
    }
    assert signed == known


def test_who_asks_is_told_in_two_places_and_a_no_in_one() -> None:
    assert callers("admit", "shared", "services") == {
        "shared/http/access.py",
        "services/identity/sessions.py",
    }
    assert callers("AccesRefuses", "shared", "services") == {"shared/http/app.py"}


def test_no_route_says_no_but_by_a_refusal() -> None:
    """The framework's own exceptions and answers made by hand would pass beside the record."""
    assert callers("HTTPException", "shared", "services") == set()
    by_hand = {"JSONResponse", "PlainTextResponse"}
    found = {file for each in by_hand for file in callers(each, "services")}
    assert found == set()
