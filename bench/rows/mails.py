"""A campaign: queued mails sent by notifications, beside a bare aiosmtplib loop."""

import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from pymongo.collection import Collection

from bench.accounts import draw_users
from bench.cpu import CpuWatch
from bench.figures import Figure, compare
from bench.rounds import Measured, alternate, cores_notes
from bench.scale import Scale
from bench.stage import OurRunner, Stage, frozen
from bench.timing import middle_rate
from bench.wire import Unfinished
from deploy.local.keys import public
from deploy.local.mails import parse_mail
from deploy.local.process import Process
from deploy.local.smtp_sink import SmtpSink
from services.notifications.domain.envoi import Envoi, queue
from services.notifications.domain.modele import Modele
from shared.contracts.identity import IdentifiantIssued
from shared.mongo.documents import to_row
from shared.security.sealing import seal
from tests.harness.platform import Platform, random_name
from tests.harness.polling import eventually

BAR = 0.8
"""ADR-0002."""
CONNECTIONS = 4
"""As many as notifications opens by default (services/notifications/settings.py)."""
PER_MAIL_S = 0.1
START_S = 60.0


@dataclass(frozen=True)
class Campaign:
    """Who sends how many mails where."""

    stage: Stage
    platform: Platform
    sink: SmtpSink
    count: int
    warm_up: int


async def measure(stage: Stage, scale: Scale) -> list[Figure]:
    """One process of notifications beside one bare loop, as many connections each, one sink."""
    with SmtpSink(stage.servers.directory / f"sink-{random_name()}") as sink:
        environment = {
            "NOTIFICATIONS_SMTP_URL": sink.address,
            "NOTIFICATIONS_SMTP_CONNECTIONS": str(CONNECTIONS),
        }
        async with stage.platform(
            ("notifications",), environment={"notifications": environment}
        ) as platform:
            campaign = Campaign(stage, platform, sink, scale.mails, scale.warm_up)
            sample = await _sample(campaign)
            a, b = await alternate(
                scale.rounds, partial(_ours, campaign), partial(_bare, campaign, *sample)
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


async def _sample(campaign: Campaign) -> tuple[str, str]:
    """The text and the HTML of one of our mails, for the bare loop to send as many bytes."""
    runner = OurRunner(campaign.platform.new_replica("notifications"))
    await runner.start()
    try:
        _queued(campaign).insert_many(_rows(campaign, 1))
        await eventually(campaign.sink.count, START_S, "a first mail")
    finally:
        await runner.stop()
    mail = parse_mail(campaign.sink.mails()[0])
    return mail.text, mail.html


async def _ours(campaign: Campaign) -> Measured[float]:
    """Mails per second of one round: a fresh process, warmed up, before a full queue."""
    runner = OurRunner(campaign.platform.new_replica("notifications"))
    campaign.sink.forget()
    await runner.start()
    try:
        _queued(campaign).insert_many(_rows(campaign, campaign.warm_up))
        await _until_sent(campaign, campaign.warm_up)
        campaign.sink.forget()
        rows = _rows(campaign, campaign.count)
        with frozen([runner]):
            _queued(campaign).insert_many(rows, ordered=False)
        watch = CpuWatch(_pids(campaign, "notifications", runner.pid))
        await _until_sent(campaign, campaign.count)
        measured = Measured(_rate(campaign), watch.cores())
    finally:
        await runner.stop()
    if left := _queued(campaign).count_documents({"etat": {"$ne": "envoye"}}):
        raise Unfinished(f"{left} mails are not recorded as sent")
    return measured


async def _bare(campaign: Campaign, text: str, html: str) -> Measured[float]:
    """Mails per second of one round of the bare loop."""
    port = int(campaign.sink.address.rpartition(":")[2])
    told = {
        "port": port,
        "count": campaign.count,
        "connections": CONNECTIONS,
        "text": text,
        "html": html,
    }
    campaign.sink.forget()
    folder = campaign.stage.servers.directory / "bare"
    command = [sys.executable, "-m", "bench.bare.mails", json.dumps(told)]
    process = Process("bare mails", command, folder / f"mails-{random_name()}.log")
    process.start()
    try:
        watch = CpuWatch(_pids(campaign, "boucle nue", process.pid))
        await _until_sent(campaign, campaign.count)
        return Measured(_rate(campaign), watch.cores())
    finally:
        process.stop()


def _rows(campaign: Campaign, count: int) -> list[dict[str, Any]]:
    """Mails that wait, as notifications stores them: sealed, due now."""
    now = datetime.now(UTC)
    key = json.dumps(public(campaign.platform.settings.keys.sealing[0]))
    return [_row(key, user_id, now) for user_id in draw_users(count)]


def _queued(campaign: Campaign) -> Collection[dict[str, Any]]:
    return campaign.platform.database("notifications")[Envoi.COLLECTION]


def _row(key: str, user_id: str, now: datetime) -> dict[str, Any]:
    expires_at = now + timedelta(days=1)
    content: dict[str, Any] = {
        "user_id": user_id,
        "generation": 1,
        "expires_at": expires_at.isoformat(),
        "to": f"{user_id[:12]}@exemple.fr",
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


async def _until_sent(campaign: Campaign, count: int) -> None:
    await eventually(
        lambda: campaign.sink.count() >= count, START_S + PER_MAIL_S * count, f"{count} mails"
    )


def _rate(campaign: Campaign) -> float:
    """Over the moments when the sink took the mails; each must have come once."""
    kept = [json.loads(line) for line in Path(campaign.sink.mails_file).read_text().splitlines()]
    if len({each["recipients"][0] for each in kept}) != campaign.count:
        raise Unfinished(f"{len(kept)} mails for {campaign.count} people")
    return middle_rate([datetime.fromisoformat(each["received_at"]).timestamp() for each in kept])


def _pids(campaign: Campaign, label: str, pid: int) -> dict[str, list[int]]:
    servers = campaign.stage.server_pids()
    return {label: [pid], "mongod": servers.get("mongod", []), "puits SMTP": [campaign.sink.pid]}
