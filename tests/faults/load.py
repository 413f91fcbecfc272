"""Load on identity from both doors: commands over topics, the same accounts over HTTP."""

import asyncio
import json
import secrets
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

import httpx
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from services.identity.domain.compte import Compte
from services.identity.domain.session import Portee, Session, draw_token, id_of
from shared.contracts.comptes import Fonction, GenreCompte
from shared.contracts.envelope import Command
from shared.contracts.identity import (
    SERVICE,
    IdentifiantIssued,
    TemporaryPasswordIssued,
    UserCreated,
    UserUpdated,
)
from shared.contracts.identity_commands import COMMANDS, CreateUser, ModifyUser
from shared.ids import derive_id, draw_id
from shared.kafka.intakes import command_inbox_id
from shared.mongo.documents import to_row
from shared.security.principal import ActorKind, Principal
from shared.security.tokens import TokenIssuer
from tests.faults.evidence import Asked
from tests.harness.platform import Platform
from tests.harness.topics import Headers

AGENT = Principal(ActorKind.AGENT_CAF, "agent-1")
CONVENTION, CAF = "19_214", "931"
TOKEN_S = 120
"""Age at which a command token is renewed: it lives five minutes."""
ANSWER_S = 15
RETRY_S = 0.2
REQUEST_MS = 5_000
TRY_AGAIN = {httpx.codes.CONFLICT, httpx.codes.SERVICE_UNAVAILABLE}
"""In flight elsewhere, or a dependency is away."""


class Load:
    """Accounts to write to, an agent who may, and every command that was accepted.

    Each command sets a telephone that no other sets: its effect can be told from any other's.
    `answers`: HTTP status → count; `try_s`: how long each request took; `answer_s`: how long each
    command took, all its requests included.
    """

    def __init__(self, platform: Platform, accounts: Sequence[str], session: str) -> None:
        self.platform = platform
        self.accounts = accounts
        self.session = session
        self.asked: list[Asked] = []
        self.answers: Counter[int] = Counter()
        self.try_s: list[float] = []
        self.answer_s: list[float] = []
        self._numbers = count(100_000)
        self._issuer = TokenIssuer(json.dumps(platform.settings.keys.signing))
        self._token, self._token_at = "", 0.0

    @classmethod
    async def on(cls, platform: Platform, accounts: int) -> "Load":
        """Put accounts, an agent and his session straight into the store, before any event.

        Their convention is made known as it always is: the service must be running.
        """
        await known_convention(platform)
        ids = [f"compte-{number}" for number in range(accounts)]
        token = draw_token()
        now = datetime.now(UTC)
        session = Session(
            id=id_of(token), user_id=AGENT.id, portee=Portee.COMPLETE, epoque=0,
            opened_at=now, seen_at=now,
        )  # fmt: skip
        database = platform.database(SERVICE)
        habilitations = (Fonction.HABILITATIONS,)
        people = [_compte(AGENT.id, GenreCompte.AGENT_CAF, caf=CAF, fonctions=habilitations)]
        people += [_compte(id, GenreCompte.PARTENAIRE, convention_id=CONVENTION) for id in ids]
        database["comptes"].insert_many([_row(each) for each in people])
        database["sessions"].insert_one(_row(session))
        return cls(platform, ids, token)

    # -- by topic ---------------------------------------------------------------------------

    async def publish(
        self, *, publishers: int, commands: int, per_second: float, varied: bool = False
    ) -> None:
        """Publish commands from that many producers; each until the broker acknowledges it.

        `varied`: one in ten opens an account (three facts on two topics), one in ten comes twice.
        """

        async def publish(producer: AIOKafkaProducer, number: int) -> None:
            asked = self._create() if varied and number % 10 == 0 else self._modify(number)
            await self._publish_one(producer, asked, twice=varied and number % 10 == 1)

        await self._shared_out(publish, publishers, commands, per_second)

    async def create(self, *, publishers: int, commands: int, per_second: float) -> None:
        """Publish as many commands that each open an account."""

        async def publish(producer: AIOKafkaProducer, _: int) -> None:
            await self._publish_one(producer, self._create())

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
        self, producer: AIOKafkaProducer, asked: tuple[Command, Asked], *, twice: bool = False
    ) -> None:
        command, expected = asked
        topic = self.platform.topic(COMMANDS)
        for _ in range(1 + twice):
            while True:
                headers = list(headers_of(command, expected.cause, self.token()))
                try:
                    await producer.send_and_wait(
                        topic, command.to_json(), key=command.key.encode(), headers=headers
                    )
                    break
                except KafkaError:
                    await asyncio.sleep(RETRY_S)
        self.asked.append(expected)

    def _modify(self, number: int) -> tuple[Command, Asked]:
        user_id, telephone = self._next(number)
        id = draw_id()
        inbox_id = command_inbox_id(SERVICE, AGENT, id)
        command = ModifyUser(user_id=user_id, telephone=telephone)
        return command, modified(id, inbox_id, user_id, telephone)

    def _create(self) -> tuple[Command, Asked]:
        id, user_id = draw_id(), draw_id()
        command = CreateUser(
            user_id=user_id,
            convention_id=CONVENTION,
            nom="Essai",
            prenom="Charge",
            mail=f"{user_id}@mcp.example",
        )
        return command, Asked(
            cause=id,
            inbox_id=command_inbox_id(SERVICE, AGENT, id),
            aggregate=f"comptes/{user_id}",
            facts=(UserCreated.TYPE, IdentifiantIssued.TYPE, TemporaryPasswordIssued.TYPE),
        )

    def token(self) -> str:
        """A command token of the agent that is still good for a while."""
        if time.monotonic() - self._token_at > TOKEN_S or not self._token:
            now = datetime.now(UTC)
            self._token = self._issuer.issue(AGENT, audience=COMMANDS, now=now)
            self._token_at = time.monotonic()
        return self._token

    # -- over HTTP --------------------------------------------------------------------------

    async def patch(self, *, clients: int, commands: int, per_second: float) -> None:
        """Modify accounts over HTTP, each request with one key until it is answered."""
        numbers = iter(range(commands))
        started = time.monotonic()

        async def client() -> None:
            async with httpx.AsyncClient(timeout=ANSWER_S) as http:
                for number in numbers:
                    await _until(started + number / per_second)
                    await self._patch_one(http, number)

        await asyncio.gather(*(client() for _ in range(clients)))

    async def _patch_one(self, http: httpx.AsyncClient, number: int) -> None:
        user_id, telephone = self._next(number)
        key, path = draw_id(), f"/users/{user_id}"
        started = time.perf_counter()
        for attempt in count(number):
            answer = await self._ask(http, attempt, path, key, form_of(telephone))
            if answer is not None and answer.status_code not in TRY_AGAIN:
                break
            await asyncio.sleep(RETRY_S)
        assert answer is not None
        assert answer.status_code == httpx.codes.OK, answer.text
        self.answer_s.append(time.perf_counter() - started)
        inbox_id = derive_id("http", f"PATCH {path}", AGENT.kind, AGENT.id, key)
        self.asked.append(modified(inbox_id, inbox_id, user_id, telephone))

    async def _ask(
        self, http: httpx.AsyncClient, attempt: int, path: str, key: str, body: dict[str, str]
    ) -> httpx.Response | None:
        """One try at one replica; None when there was no answer."""
        replicas = self.platform.replicas()
        replica = replicas[attempt % len(replicas)]
        headers = {"Authorization": f"Bearer {self.session}", "Idempotency-Key": key}
        started = time.perf_counter()
        try:
            answer = await http.patch(f"{replica.url}{path}", json=body, headers=headers)
        except httpx.TransportError:
            return None
        finally:
            self.try_s.append(time.perf_counter() - started)
        self.answers[answer.status_code] += 1
        return answer

    def _next(self, number: int) -> tuple[str, str]:
        return self.accounts[number % len(self.accounts)], f"01{next(self._numbers):08}"


async def known_convention(platform: Platform) -> str:
    """Have identity know the convention of everybody here; returns its number."""
    await platform.habilitation.open_convention(CONVENTION, caf=CAF)
    await platform.habilitation.known_to(SERVICE)
    return CONVENTION


def form_of(telephone: str) -> dict[str, str]:
    """The form that changes a telephone, typed twice."""
    return {"telephone": telephone, "telephone_confirmation": telephone}


def modified(cause: str, inbox_id: str, user_id: str, telephone: str) -> Asked:
    """What is due of a command that sets a telephone."""
    return Asked(
        cause=cause,
        inbox_id=inbox_id,
        aggregate=f"comptes/{user_id}",
        facts=(UserUpdated.TYPE,),
        tells={"telephone": telephone},
    )


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


def _compte(id: str, genre: GenreCompte, **own: Any) -> Compte:
    return Compte(
        id=id,
        genre=genre,
        identifiant=f"ESS{secrets.token_hex(6)}",
        nom="Essai",
        prenom="Charge",
        mail=f"{id}@mcp.example",
        ouverture=date(2025, 1, 6),
        version=1,
        **own,
    )


def _row(document: Any) -> dict[str, Any]:
    row: dict[str, Any] = to_row(document)
    return row
