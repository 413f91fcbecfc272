"""Notifications without Kafka: a real store and committer, what it tells stays in the outbox."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from services.notifications.domain.envoi import Envoi, EtatEnvoi, mail_id, queue_notice
from services.notifications.domain.modele import Modele
from services.notifications.domain.tentative import Tentative
from services.notifications.handlers.queue_mail import queue_mails
from services.notifications.migrations import MIGRATIONS
from services.notifications.projections import DESTINATAIRES
from services.notifications.settings import NotificationsSettings
from shared.clock import Clock
from shared.contracts.envelope import Fact
from shared.contracts.identity import IdentifiantIssued
from shared.contracts.notifications import SERVICE, CommandRefused
from shared.ids import draw_id
from shared.mongo import outbox
from shared.mongo.client import Store
from shared.mongo.documents import to_document, to_row
from shared.mongo.faults import MongoFaults
from shared.mongo.migrate import migrate
from shared.mongo.projection import apply
from shared.mongo.unit_of_work import UnitOfWork
from shared.path.committer import Committer
from shared.path.decision import M, P, Request, UseCase
from shared.path.group import House
from shared.path.work import Ask, Outcome, Row
from shared.security.principal import Principal
from tests.notifications.builders import DOMAIN, ITSELF, KEYS, NOW

RELANCE = {"activite": "Les Tilleuls", "exercice": "2025", "echeance": "2025-03-31"}
QUEUE_IDENTIFIANT, QUEUE_PASSWORD = queue_mails(DOMAIN)


class Nobody:
    """Publishes nothing: rows stay in the outbox, where a test reads them."""

    def add(self, _: Sequence[Row]) -> asyncio.Future[None]:
        """Take rows and be done."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done


class Replica:
    """One process of the service: the `Process` that a sender needs, and a look at its store."""

    def __init__(self, uri: str, database: str) -> None:
        self.store = Store(uri, database, service=SERVICE)
        self.clock = Clock(NOW - Clock.real_now())
        house = House(SERVICE, "test", CommandRefused)
        unit_of_work = UnitOfWork(self.store, house, 5.0)
        self.committer = Committer(unit_of_work, Nobody(), MongoFaults())

    async def decide(
        self, use_case: UseCase[M, P], message: M, *, principal: Principal, message_id: str
    ) -> Outcome:
        """As `Runtime.decide` does."""
        request = Request(message, principal, self.clock.now(), message_id, message_id, None)
        name = use_case.message.__name__
        work = Ask(message_id, use_case, request, type=name, key=message_id)
        return await self.committer.submit(work).committed

    async def queue(self, *issued: Any) -> list[str]:
        """Queue a mail for each fact; returns their ids."""
        return list(await asyncio.gather(*(self._queue(fact) for fact in issued)))

    async def _queue(self, fact: Any) -> str:
        use_case: UseCase[Any, Any] = QUEUE_PASSWORD
        modele = Modele.MOT_DE_PASSE_PROVISOIRE
        if isinstance(fact, IdentifiantIssued):
            use_case, modele = QUEUE_IDENTIFIANT, Modele.IDENTIFIANT
        await self.decide(use_case, fact, principal=ITSELF, message_id=draw_id())
        return mail_id(fact.user_id, fact.generation, modele)

    async def know(self, *facts: Fact, after: int = 0) -> None:
        """Bring the copy of what identity told up to these facts, numbered from `after` on."""
        collection = self.store.collection(DESTINATAIRES.collection)
        await apply(
            DESTINATAIRES, collection, [(fact, n) for n, fact in enumerate(facts, after + 1)]
        )

    async def react(self, use_case: UseCase[Any, Any], message: Any) -> None:
        """Have a use case decided as the service itself."""
        await self.decide(use_case, message, principal=ITSELF, message_id=draw_id())

    async def mails(self) -> list[Envoi]:
        """Every mail of the store."""
        rows = await self.store.collection(Envoi.COLLECTION).find().to_list(None)
        return [to_document(row, Envoi) for row in rows]

    async def mail(self, id: str) -> Envoi:
        """One mail."""
        row = await self.store.collection(Envoi.COLLECTION).find_one({"_id": id})
        assert row is not None
        return to_document(row, Envoi)

    async def count(self, etat: EtatEnvoi) -> int:
        """How many mails are in that state."""
        return await self.store.collection(Envoi.COLLECTION).count_documents({"etat": etat})

    async def attempts(self, id: str) -> list[Tentative]:
        """The attempts at one mail, in order."""
        rows = self.store.collection(Tentative.COLLECTION).find({"mail_id": id}).sort("_id", 1)
        return [to_document(row, Tentative) async for row in rows]

    async def told(self, id: str) -> list[str]:
        """The types of the facts told of one mail, in order: `mail_sent`…"""
        rows = outbox.pending_of(self.store.committed, [f"envois/{id}"])
        return [row.headers["ce_type"].split(".")[2] for row in rows]

    def pass_time(self, time: timedelta) -> None:
        """Move the clock on."""
        self.clock.offset += time


@asynccontextmanager
async def replica(uri: str, database: str) -> AsyncIterator[Replica]:
    """A process of the service, its committer running."""
    process = Replica(uri, database)
    await migrate(process.store, MIGRATIONS)
    running = asyncio.create_task(process.committer.run())
    try:
        yield process
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        process.store.close()


async def relances(process: Replica, count: int, due_at: datetime) -> None:
    """Put the mails of a campaign in the store, due since then; nobody is known to get them."""
    mails = [
        queue_notice(
            Modele.RELANCE,
            f"r{n}",
            id=f"relance-{n}",
            domain=DOMAIN,
            now=due_at,
            campagne_id="campagne",
            valeurs=RELANCE,
        )
        for n in range(count)
    ]
    rows = [to_row(mail) for mail in mails]
    await process.store.collection(Envoi.COLLECTION).insert_many(rows)


@asynccontextmanager
async def in_background(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Background work of the service, meanwhile."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def settings_of(uri: str, database: str, **own: Any) -> NotificationsSettings:
    """The settings of a test; `own` replaces some."""
    values: dict[str, Any] = {
        "environment": "test",
        "kafka_bootstrap": "localhost:1",
        "mongo_uri": uri,
        "mongo_database": database,
        "http_port": 1,
        "jwks": '{"keys": []}',
        "hmac_key": "AAAA",
        "smtp_url": "smtp://localhost:1",
        "portal_url": "https://mcp.example",
        "sender": "ne-pas-repondre@mcp.example",
        "sealing_keys": KEYS,
    }
    return NotificationsSettings(**(values | own))


def later(hours: float) -> datetime:
    """Some hours after the moment at which tests begin."""
    return NOW + timedelta(hours=hours)
