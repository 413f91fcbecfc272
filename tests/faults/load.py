"""Load on a service from both doors: commands over topics, the same aggregates over HTTP."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from itertools import count

import httpx
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared.contracts.envelope import Command
from shared.contracts.topics import commands_topic
from shared.ids import derive_id, draw_id
from shared.kafka.intakes import command_inbox_id
from shared.security.tokens import TokenIssuer
from tests.faults.evidence import Asked
from tests.faults.subject import AGENT, Effect, HttpRequest, Subject
from tests.harness.platform import Platform
from tests.harness.topics import Headers

TOKEN_S = 120
"""Age at which a token is renewed: it lives five minutes."""
ANSWER_S = 15
RETRY_S = 0.2
REQUEST_MS = 5_000
TRY_AGAIN = {httpx.codes.CONFLICT, httpx.codes.SERVICE_UNAVAILABLE}
"""In flight elsewhere, or a dependency is away."""


class Load:
    """Aggregates to write to, an agent who may, and every command that was accepted.

    `answers`: HTTP status → count; `try_s`: how long each request took; `answer_s`: how long each
    command took, all its requests included.
    """

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.service = subject.SERVICE
        self.platform = subject.platform
        self.asked: list[Asked] = []
        self.answers: Counter[int] = Counter()
        self.try_s: list[float] = []
        self.answer_s: list[float] = []
        self._commands = commands_topic(self.service)
        self._issuer = issuer_of(self.platform)
        self._token, self._token_at = "", 0.0

    @classmethod
    async def on(cls, subject: Subject, aggregates: int) -> "Load":
        """Put aggregates and an agent into the store of a service that is running."""
        await subject.seed(aggregates)
        return cls(subject)

    # -- by topic ---------------------------------------------------------------------------

    async def publish(
        self, *, publishers: int, commands: int, per_second: float, varied: bool = False
    ) -> None:
        """Publish commands from that many producers; each until the broker acknowledges it.

        `varied`: one in ten makes an aggregate, one in ten comes twice.
        """

        async def publish(producer: AIOKafkaProducer, number: int) -> None:
            makes = varied and number % 10 == 0
            command, effect = self.subject.create() if makes else self.subject.change(number)
            await self._publish_one(producer, command, effect, twice=varied and number % 10 == 1)

        await self._shared_out(publish, publishers, commands, per_second)

    async def create(self, *, publishers: int, commands: int, per_second: float) -> None:
        """Publish as many commands that each make an aggregate."""

        async def publish(producer: AIOKafkaProducer, _: int) -> None:
            await self._publish_one(producer, *self.subject.create())

        await self._shared_out(publish, publishers, commands, per_second)

    async def _shared_out(
        self,
        publish: Callable[[AIOKafkaProducer, int], Awaitable[None]],
        publishers: int,
        commands: int,
        per_second: float,
    ) -> None:
        numbers = iter(range(commands))
        started = time.monotonic()

        async def publisher() -> None:
            async with _producer(self.platform) as producer:
                for number in numbers:
                    await _until(started + number / per_second)
                    await publish(producer, number)

        await asyncio.gather(*(publisher() for _ in range(publishers)))

    async def _publish_one(
        self, producer: AIOKafkaProducer, command: Command, effect: Effect, *, twice: bool = False
    ) -> None:
        id = draw_id()
        topic = self.platform.topic(self._commands)
        for _ in range(1 + twice):
            while True:
                headers = list(headers_of(command, id, self.token()))
                try:
                    await producer.send_and_wait(
                        topic, command.to_json(), key=command.key.encode(), headers=headers
                    )
                    break
                except KafkaError:
                    await asyncio.sleep(RETRY_S)
        self.asked.append(due(effect, id, command_inbox_id(self.service, AGENT, id)))

    def token(self) -> str:
        """A command token of the agent that is still good for a while."""
        if time.monotonic() - self._token_at > TOKEN_S or not self._token:
            now = datetime.now(UTC)
            self._token = self._issuer.issue(AGENT, audience=self._commands, now=now)
            self._token_at = time.monotonic()
        return self._token

    # -- over HTTP --------------------------------------------------------------------------

    async def patch(self, *, clients: int, commands: int, per_second: float) -> None:
        """Change aggregates over HTTP, each request with one key until it is answered."""
        numbers = iter(range(commands))
        started = time.monotonic()

        async def client() -> None:
            async with httpx.AsyncClient(timeout=ANSWER_S) as http:
                for number in numbers:
                    await _until(started + number / per_second)
                    await self._patch_one(http, number)

        await asyncio.gather(*(client() for _ in range(clients)))

    async def _patch_one(self, http: httpx.AsyncClient, number: int) -> None:
        request, key = self.subject.request(number), draw_id()
        started = time.perf_counter()
        for attempt in count(number):
            answer = await self._ask(http, attempt, request, key)
            if answer is not None and answer.status_code not in TRY_AGAIN:
                break
            await asyncio.sleep(RETRY_S)
        assert answer is not None
        assert answer.status_code == httpx.codes.OK, answer.text
        self.answer_s.append(time.perf_counter() - started)
        self.asked.append(due_of_request(request, key))

    async def _ask(
        self, http: httpx.AsyncClient, attempt: int, request: HttpRequest, key: str
    ) -> httpx.Response | None:
        """One try at one replica; None when there was no answer."""
        replicas = self.platform.replicas()
        replica = replicas[attempt % len(replicas)]
        started = time.perf_counter()
        try:
            answer = await http.patch(
                f"{replica.url}{request.path}", json=request.body, headers=self.headers(key)
            )
        except httpx.TransportError:
            return None
        finally:
            self.try_s.append(time.perf_counter() - started)
        self.answers[answer.status_code] += 1
        return answer

    def headers(self, key: str) -> dict[str, str]:
        """Those of a request of the agent."""
        return {"Authorization": f"Bearer {self.subject.bearer()}", "Idempotency-Key": key}


def due(effect: Effect, cause: str, inbox_id: str) -> Asked:
    """The line of a command that was accepted."""
    return Asked(
        cause=cause,
        inbox_id=inbox_id,
        aggregate=effect.aggregate,
        facts=effect.facts,
        tells=effect.tells,
    )


def due_of_request(request: HttpRequest, key: str) -> Asked:
    """The line of a request that was answered."""
    inbox_id = derive_id("http", f"PATCH {request.path}", AGENT.kind, AGENT.id, key)
    return due(request.effect, inbox_id, inbox_id)


def issuer_of(platform: Platform) -> TokenIssuer:
    """Makes tokens as identity does on this platform."""
    return TokenIssuer(json.dumps(platform.settings.keys.signing))


def headers_of(command: Command, id: str, token: str | None) -> Headers:
    """The headers of a command as another system publishes it."""
    headers = {
        "ce_specversion": "1.0",
        "ce_id": id,
        "ce_type": command.TYPE,
        "ce_source": "/tests/faults",
        "ce_subject": command.key,
        "content-type": "application/json",
    }
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    return tuple((name, value.encode()) for name, value in headers.items())


def _producer(platform: Platform) -> AIOKafkaProducer:
    """Waits for all replicas and gives up by itself: whoever uses it sends again."""
    return AIOKafkaProducer(
        bootstrap_servers=platform.kafka.bootstrap, acks="all", request_timeout_ms=REQUEST_MS
    )


async def _until(moment: float) -> None:
    await asyncio.sleep(max(0.0, moment - time.monotonic()))
