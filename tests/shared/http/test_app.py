"""What every service answers over HTTP, whatever it does."""

from fastapi import APIRouter

from shared.runtime import Runtime
from tests.harness.polling import eventually
from tests.shared.in_process import Here, http

DEADLINE_S = 15


def routes(_: Runtime) -> APIRouter:
    router = APIRouter()

    @router.get("/counters/{counter_id}")
    async def show(counter_id: str) -> dict[str, str]:
        return {"counter_id": counter_id}

    return router


async def test_health_readiness_and_documents(here: Here):
    async with here.running(here.service(routes=routes)) as runtime, http(runtime) as client:
        assert (await client.get("/healthz")).json() == {"status": "ok"}

        async def ready() -> bool:
            return (await client.get("/readyz")).status_code == 200

        await eventually(ready, DEADLINE_S, "ready")
        body = (await client.get("/readyz")).json()
        assert body["ready"] is True
        assert set(body["checks"]) == {"started", "broker", "store", "outbox", "dead_letters"}
        assert "/counters/{counter_id}" in (await client.get("/openapi.json")).json()["paths"]
        assert (await client.get("/docs")).status_code == 200
        runtime.health.stopping = True
        answer = await client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["ready"] is False
        assert (await client.get("/healthz")).status_code == 200


async def test_requests_are_measured_by_route_and_never_by_path(here: Here):
    async with here.running(here.service(routes=routes)) as runtime, http(runtime) as client:
        assert (await client.get("/counters/canari-1")).status_code == 200
        assert (await client.get("/canari-2")).status_code == 404
        text = (await client.get("/metrics")).text
    measured = 'mcp_http_request_duration_seconds_count{route="%s",status="%s"}'
    assert measured % ("/counters/{counter_id}", "200") in text
    assert measured % ("unknown", "404") in text
    assert "canari" not in text
    for name in ("mcp_messages_handled_total", "mcp_outbox_rows", "mcp_group_messages_count"):
        assert name in text
