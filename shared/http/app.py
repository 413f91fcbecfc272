"""The HTTP application of a service: its own routes, and what every service answers."""

import time
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.contracts.asyncapi import asyncapi_document
from shared.http import problems
from shared.http.acces_refuses import AccesRefuses
from shared.observability import metrics

if TYPE_CHECKING:
    from shared.runtime import Runtime


def make_app(runtime: "Runtime") -> FastAPI:
    """Build the application of a service."""
    service = runtime.service
    app = FastAPI(
        title=f"Mon Compte Partenaire : {service.name}",
        version=service.settings.release,
        docs_url="/docs",
        redoc_url=None,
        redirect_slashes=False,  # a redirection goes where the Host header says
    )
    problems.install(app, AccesRefuses(runtime.store).recorded)
    app.add_middleware(_Measured)

    @app.get("/healthz", tags=["exploitation"])
    async def healthz() -> dict[str, str]:
        """Le processus tourne."""
        return {"status": "ok"}

    @app.get("/readyz", tags=["exploitation"], responses={503: {"description": "Pas encore"}})
    async def readyz() -> JSONResponse:
        """Le service peut travailler : broker, base, file d’envoi, limite des rebuts."""
        checks = runtime.health.checks()
        ready = all(checks.values())
        return JSONResponse({"ready": ready, "checks": checks}, 200 if ready else 503)

    @app.get("/metrics", tags=["exploitation"], response_class=PlainTextResponse)
    async def read_metrics() -> Response:
        """Mesures pour Prometheus."""
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    @app.get("/asyncapi", tags=["exploitation"])
    async def read_asyncapi() -> dict[str, Any]:
        """Ce que le service lit et publie sur Kafka (AsyncAPI 3)."""
        return asyncapi_document(service.name)

    if service.routes is not None:
        app.include_router(service.routes(runtime))
    return app


class _Measured:
    """Measures requests by route, never by path: a path may hold an id."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            route = getattr(scope.get("route"), "path", "unknown")
            metrics.HTTP_REQUESTS.labels(route, str(status)).observe(time.perf_counter() - started)
