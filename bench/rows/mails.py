"""Queued mails sent by notifications, beside a bare aiosmtplib loop."""

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from pymongo.collection import Collection

from bench.accounts import draw_users, mail_of
from bench.figures import Figure, compare
from bench.mailing import BAR, CONNECTIONS, START_S, Mailing, bare_mails, open_mailing
from bench.rounds import Measured, alternate, cores_notes
from bench.scale import Scale
from bench.stage import OurRunner, Stage, frozen
from bench.wire import Unfinished
from deploy.local.keys import public
from services.notifications.domain.envoi import Envoi, queue
from services.notifications.domain.modele import Modele
from shared.contracts.identity import IdentifiantIssued
from shared.mongo.documents import to_row
from shared.security.sealing import seal
from tests.harness.polling import eventually


async def measure(stage: Stage, scale: Scale) -> list[Figure]:
    """One process of notifications beside one bare loop, as many connections each, one sink."""
    async with open_mailing(stage, scale) as mailing:
        sample = await _sample(mailing)
        a, b = await alternate(
            scale.rounds, partial(_ours, mailing), partial(bare_mails, mailing, *sample)
        )
    return [
        compare(
            "mail_campaign",
            a.values,
            b.values,
            "mails/s",
            bar=BAR,
            broker=stage.broker,
            notes=[
                f"{scale.mails} mails en attente par manche, {CONNECTIONS} connexions.",
                *cores_notes(a, b),
            ],
        )
    ]


async def _sample(mailing: Mailing) -> tuple[str, str]:
    runner = OurRunner(mailing.platform.new_replica("notifications"))
    await runner.start()
    try:
        _queued(mailing).insert_many(_rows(mailing, 1))
        await eventually(mailing.sink.count, START_S, "a first mail")
    finally:
        await runner.stop()
    return mailing.sample()


async def _ours(mailing: Mailing) -> Measured[float]:
    """Mails per second of one round: a fresh process, warmed up, before a full queue."""
    runner = OurRunner(mailing.platform.new_replica("notifications"))
    mailing.sink.forget()
    await runner.start()
    try:
        _queued(mailing).insert_many(_rows(mailing, mailing.warm_up))
        await mailing.until_sent(mailing.warm_up)
        mailing.sink.forget()
        rows = _rows(mailing, mailing.count)
        with frozen([runner]):
            _queued(mailing).insert_many(rows, ordered=False)
        watch = mailing.watch("notifications", runner.pid)
        await mailing.until_sent(mailing.count)
        measured = Measured(mailing.rate(), watch.cores())
    finally:
        await runner.stop()
    check_sent(mailing)
    return measured


def check_sent(mailing: Mailing) -> None:
    """Raises `Unfinished` unless all that was to be sent is noted as sent."""
    if left := _queued(mailing).count_documents({"etat": {"$ne": "envoye"}}):
        raise Unfinished(f"{left} mails are not recorded as sent")


def _rows(mailing: Mailing, count: int) -> list[dict[str, Any]]:
    """Mails that wait, as notifications stores them: sealed, due now."""
    now = datetime.now(UTC)
    key = json.dumps(public(mailing.platform.settings.keys.sealing[0]))
    return [_row(key, user_id, now) for user_id in draw_users(count)]


def _queued(mailing: Mailing) -> Collection[dict[str, Any]]:
    return mailing.platform.database("notifications")[Envoi.COLLECTION]


def _row(key: str, user_id: str, now: datetime) -> dict[str, Any]:
    expires_at = now + timedelta(days=1)
    content: dict[str, Any] = {
        "user_id": user_id,
        "generation": 1,
        "expires_at": expires_at.isoformat(),
        "to": mail_of(user_id),
        "nom": "Durand",
        "prenom": "Camille",
        "identifiant": "ABC2345DE67",
    }
    key_id, sealed = seal(key, content)
    issued = IdentifiantIssued(
        user_id=user_id, generation=1, key_id=key_id, sealed=sealed, expires_at=expires_at, at=now
    )
    envoi = queue(Modele.IDENTIFIANT, issued, domain="mcp.example", now=now)
    return {**to_row(envoi), "version": 1}
