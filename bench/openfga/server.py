"""One OpenFGA on loopback, its store in memory, with our model and our people."""

import json
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from bench.load.plan import Asked
from bench.ville import Ville
from bench.wire import Unfinished
from deploy.local.ports import free_port
from deploy.local.process import Process
from deploy.local.server import Server

READY_S = 60
ASK_S = 30.0
OK = 200
MOST_TUPLES = 100
"""Of one request to write, by default."""
CONSISTENCY = "HIGHER_CONSISTENCY"
"""Its cache is left out, as we never answer from what may be old."""
_THIS: dict[str, Any] = {"this": {}}
_PEOPLE = {"directly_related_user_types": [{"type": "user"}]}
MODEL: dict[str, Any] = {
    "schema_version": "1.1",
    "type_definitions": [
        {"type": "user"},
        {
            "type": "groupe",
            "relations": {"membre": _THIS},
            "metadata": {"relations": {"membre": _PEOPLE}},
        },
        {
            "type": "service",
            "relations": {
                "ouvert": _THIS,
                "porteur": _THIS,
                "acces": {
                    "intersection": {
                        "child": [
                            {"computedUserset": {"relation": "porteur"}},
                            {"computedUserset": {"relation": "ouvert"}},
                        ]
                    }
                },
            },
            "metadata": {
                "relations": {
                    "ouvert": {"directly_related_user_types": [{"type": "user", "wildcard": {}}]},
                    "porteur": {
                        "directly_related_user_types": [{"type": "groupe", "relation": "membre"}]
                    },
                }
            },
        },
    ],
}
"""A service of a convention is open, a group carries it, a person belongs to the group."""


class OpenFga(Server):
    """Its store is gone when it stops; `address` is its base URL."""

    def __init__(self, program: Path, directory: Path) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._store = ""
        self._model = ""
        self.process = Process(
            "OpenFGA",
            [
                *(str(program), "run", "--datastore-engine=memory", "--playground-enabled=false"),
                *("--log-level=error", "--metrics-enabled=false"),
                f"--http-addr=127.0.0.1:{self.port}",
                f"--grpc-addr=127.0.0.1:{free_port()}",
            ],
            directory / "openfga.log",
        )

    def wait_ready(self) -> None:
        """Wait until it says that it serves."""
        self.process.wait_until(self._answers, READY_S, "answer")

    def stop(self) -> None:
        """Stop it, even if its time stands still."""
        self.process.send(signal.SIGCONT)
        super().stop()

    @contextmanager
    def awake(self) -> Iterator[None]:
        """Let it run; at the end its time stands still, so that it costs the others nothing."""
        self.process.send(signal.SIGCONT)
        try:
            yield
        finally:
            self.process.send(signal.SIGSTOP)

    def tell(self, ville: Ville) -> None:
        """Give it the model, and who belongs to what."""
        self._store = self._post("/stores", {"name": "banc"})["id"]
        self._model = self._post(f"/stores/{self._store}/authorization-models", MODEL)[
            "authorization_model_id"
        ]
        tuples = list(_tuples(ville))
        for start in range(0, len(tuples), MOST_TUPLES):
            keys = {"tuple_keys": tuples[start : start + MOST_TUPLES]}
            self._post(f"/stores/{self._store}/write", {"writes": keys})

    def asked(self, ville: Ville, questions: Sequence[tuple[str, str]]) -> Asked:
        """Whether these people have these services, as requests."""
        path = f"/stores/{self._store}/check"
        bodies = [json.dumps(self._check(ville, *each)) for each in questions]
        headers = {"Content-Type": "application/json"}
        return Asked([self.port], "POST", headers, [(path, body) for body in bodies])

    def check(self, ville: Ville, user_id: str, service: str) -> bool:
        """Whether somebody has a service."""
        told = self._post(f"/stores/{self._store}/check", self._check(ville, user_id, service))
        return bool(told["allowed"])

    def _check(self, ville: Ville, user_id: str, service: str) -> dict[str, Any]:
        key = {
            "user": f"user:{user_id}",
            "relation": "acces",
            "object": f"service:{ville.convention_of(user_id)}/{service}",
        }
        return {
            "tuple_key": key,
            "authorization_model_id": self._model,
            "consistency": CONSISTENCY,
        }

    def _post(self, path: str, body: Any) -> Any:
        answer = httpx.post(f"{self.address}{path}", json=body, timeout=ASK_S)
        if answer.is_error:
            raise Unfinished(f"OpenFGA {path}: {answer.status_code} {answer.text[:200]}")
        return answer.json()

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.address}/healthz", timeout=ASK_S).status_code == OK
        except httpx.TransportError:
            return False


def _tuples(ville: Ville) -> Iterator[dict[str, str]]:
    for numero, service in ville.opened():
        yield {"user": "user:*", "relation": "ouvert", "object": f"service:{numero}/{service}"}
    for numero, groupe_id, service in ville.roles():
        yield {
            "user": f"groupe:{groupe_id}#membre",
            "relation": "porteur",
            "object": f"service:{numero}/{service}",
        }
    for user_id, groupe_id in ville.members():
        yield {"user": f"user:{user_id}", "relation": "membre", "object": f"groupe:{groupe_id}"}
