"""Speak to a service through its HTTP door."""

from collections.abc import AsyncIterable
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import httpx

TIMEOUT_S = 15
"""Longer than the slowest answer that is not a failure; assumed."""


class ServiceClient:
    """A client of one service: `async with ServiceClient("http://127.0.0.1:8001") as client`."""

    def __init__(self, base_url: str) -> None:
        self._client = httpx.AsyncClient(base_url=base_url, timeout=TIMEOUT_S)

    async def request(
        self,
        method: str,
        path: str,
        json: Any = None,
        *,
        session: str | None = None,
        idempotency_key: str | None = None,
        params: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Send one request and return the answer, whatever its status.

        `session`: a session's token, sent as `Authorization: Bearer`.
        """
        sent = dict(headers or {})
        if session is not None:
            sent["Authorization"] = f"Bearer {session}"
        if idempotency_key is not None:
            sent["Idempotency-Key"] = idempotency_key
        return await self._client.request(method, path, json=json, params=params, headers=sent)

    async def send(
        self,
        path: str,
        content: bytes | AsyncIterable[bytes],
        *,
        session: str,
        params: dict[str, str],
    ) -> httpx.Response:
        """Send a file of text and return the answer, once it is whole."""
        headers = {"Authorization": f"Bearer {session}", "Content-Type": "text/csv"}
        return await self._client.post(path, content=content, params=params, headers=headers)

    async def sign_in(self, identifiant: str, mot_de_passe: str) -> str:
        """Open a session at identity and return its token; AssertionError if it is refused."""
        form = {"identifiant": identifiant, "mot_de_passe": mot_de_passe}
        key = str(uuid4())
        answer = await self.request("POST", "/sessions", form, idempotency_key=key)
        assert answer.status_code == httpx.codes.CREATED, answer.text
        token: str = answer.json()["token"]
        return token

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()
