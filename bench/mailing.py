"""Many mails to one sink: what rows that send them share, and the bare loop beside them."""

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from bench.cpu import CpuWatch
from bench.rounds import Measured
from bench.scale import Scale
from bench.stage import Stage
from bench.timing import middle_rate
from bench.wire import Unfinished
from deploy.local.mails import parse_mail
from deploy.local.process import Process
from deploy.local.smtp_sink import SmtpSink
from tests.harness.platform import Platform, random_name
from tests.harness.polling import eventually

BAR = 0.8
"""Of what the bare loop sends (ADR-0002)."""
CONNECTIONS = 4
"""As many as notifications opens by default (services/notifications/settings.py)."""
PER_MAIL_S = 0.1
START_S = 60.0


@dataclass(frozen=True)
class Mailing:
    """Who sends how many mails where."""

    stage: Stage
    platform: Platform
    sink: SmtpSink
    count: int
    warm_up: int

    async def until_sent(self, count: int) -> None:
        """Wait until the sink has so many mails."""
        deadline_s = START_S + PER_MAIL_S * count
        await eventually(lambda: self.sink.count() >= count, deadline_s, f"{count} mails")

    def rate(self) -> float:
        """Over the moments when the sink took the mails; each must have come once."""
        kept = [json.loads(line) for line in self.sink.mails_file.read_text().splitlines()]
        if len({each["recipients"][0] for each in kept}) != self.count:
            raise Unfinished(f"{len(kept)} mails for {self.count} people")
        return middle_rate(
            [datetime.fromisoformat(each["received_at"]).timestamp() for each in kept]
        )

    def watch(self, label: str, pid: int) -> CpuWatch:
        """Count the cores of whoever sends, of the store and of the sink from now on."""
        servers = self.stage.server_pids()
        own = {label: [pid], "mongod": servers.get("mongod", []), "puits SMTP": [self.sink.pid]}
        return CpuWatch(own)

    def sample(self) -> tuple[str, str]:
        """The text and the HTML of the first mail, for the bare loop to send as many bytes."""
        mail = parse_mail(self.sink.mails()[0])
        return mail.text, mail.html


@asynccontextmanager
async def open_mailing(stage: Stage, scale: Scale) -> AsyncIterator[Mailing]:
    """Notifications and a sink, none of its processes running."""
    with SmtpSink(stage.servers.directory / f"sink-{random_name()}") as sink:
        environment = {
            "NOTIFICATIONS_SMTP_URL": sink.address,
            "NOTIFICATIONS_SMTP_CONNECTIONS": str(CONNECTIONS),
        }
        async with stage.platform(
            ("notifications",), environment={"notifications": environment}
        ) as platform:
            yield Mailing(stage, platform, sink, scale.mails, scale.warm_up)


async def bare_mails(mailing: Mailing, text: str, html: str) -> Measured[float]:
    """Mails per second of one round of the bare loop."""
    told = {
        "port": mailing.sink.port,
        "count": mailing.count,
        "connections": CONNECTIONS,
        "text": text,
        "html": html,
    }
    mailing.sink.forget()
    folder = mailing.stage.servers.directory / "bare"
    command = [sys.executable, "-m", "bench.bare.mails", json.dumps(told)]
    process = Process("bare mails", command, folder / f"mails-{random_name()}.log")
    process.start()
    try:
        watch = mailing.watch("boucle nue", process.pid)
        await mailing.until_sent(mailing.count)
        return Measured(mailing.rate(), watch.cores())
    finally:
        process.stop()
