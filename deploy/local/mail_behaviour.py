"""What the mail sink does with a mail: keep it, or fail as real mail servers do."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

TEXTS = {
    421: "4.3.2 Service not available, closing transmission channel",
    450: "4.2.1 Requested mail action not taken: mailbox unavailable",
    451: "4.3.0 Requested action aborted: local error in processing",
    452: "4.2.2 Requested action not taken: insufficient system storage",
    454: "4.7.0 TLS not available due to temporary reason",
    550: "5.1.1 Requested action not taken: mailbox unavailable",
    552: "5.2.2 Requested mail action aborted: exceeded storage allocation",
    554: "5.7.1 Transaction failed",
}
"""RFC 5321 §4.2.3 and RFC 3207 §4, with the enhanced codes of RFC 3463."""
STAGES = ("ehlo", "starttls", "mail", "rcpt", "data")
HIDE = "hide"
"""Leave an extension out of the answer to EHLO, as somebody on the way may do."""
CLOSING = "421"
"""The server closes the connection after it (RFC 5321 §3.8)."""


@dataclass
class _Rule:
    action: str
    times: int | None
    recipient: str | None
    stage: str
    every: int
    seen: int = 0

    def applies(self, stage: str, recipients: list[str]) -> bool:
        return (
            stage == self.stage
            and self.times != 0
            and (self.recipient is None or self.recipient in recipients)
        )

    def is_its_turn(self) -> bool:
        """Whether this is one of each `every` times."""
        self.seen += 1
        return self.seen % self.every == 0


class Behaviour:
    """The misbehaviours asked for, the oldest first."""

    def __init__(self) -> None:
        self._rules: list[_Rule] = []
        self._well = asyncio.Event()

    def behave(
        self, action: str, times: int | None, recipient: str | None, stage: str, every: int = 1
    ) -> None:
        """Add a misbehaviour (`SmtpSink.behave`)."""
        head = action.split(" ", 1)[0]
        if stage not in STAGES:
            raise ValueError(f"unknown stage {stage!r}")
        if (head == HIDE) != (stage == "ehlo"):
            raise ValueError(f"{action!r} cannot be done at stage {stage!r}")
        if head not in ("hang", "drop", HIDE) and int(head) not in TEXTS:
            raise ValueError(f"unknown action {action!r}")
        if recipient is not None and stage not in ("rcpt", "data"):
            raise ValueError(f"the recipient is not known yet at stage {stage}")
        self._rules.append(_Rule(action, times, recipient and recipient.lower(), stage, every))

    def behave_well(self) -> None:
        """Forget every misbehaviour and let go of what hangs."""
        self._rules.clear()
        self._well.set()
        self._well = asyncio.Event()

    def action(self, stage: str, recipients: list[str]) -> str | None:
        """What to do wrong now, counted; None to do it right."""
        rule = next((rule for rule in self._rules if rule.applies(stage, recipients)), None)
        if rule is None or not rule.is_its_turn():
            return None
        if rule.times is not None:
            rule.times -= 1
        return rule.action

    async def until_well(self) -> None:
        """Return when `behave_well` is called."""
        await self._well.wait()


class SinkHandler:
    """aiosmtpd's hooks: keep mails, answer as `Behaviour` says."""

    def __init__(self, behaviour: Behaviour, file: Path) -> None:
        self._behaviour = behaviour
        self._file = file
        self._mails: list[dict[str, Any]] = []
        if file.exists():
            self._mails = [json.loads(line) for line in file.read_text().splitlines()]

    def mails(self, since: int = 0) -> list[dict[str, Any]]:
        """The mails from the `since`-th on."""
        return self._mails[since:]

    def count(self) -> int:
        """How many mails are kept."""
        return len(self._mails)

    def forget(self) -> None:
        """Forget the mails kept, in the file too."""
        self._mails.clear()
        self._file.unlink(missing_ok=True)

    async def handle_EHLO(  # noqa: N802 (aiosmtpd's name)
        self, _server: SMTP, session: Session, _: Envelope, hostname: str, answers: list[str]
    ) -> list[str]:
        """EHLO; commands may come together, as they are read one after the other anyway."""
        session.host_name = hostname
        answers.insert(1, "250-PIPELINING")
        action = self._behaviour.action("ehlo", [])
        hidden = None if action is None else action.split(" ", 1)[1]
        return [answer for answer in answers if answer[4:].split(" ")[0] != hidden]

    async def handle_MAIL(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """MAIL FROM."""
        answer = await self.misbehave(server, "mail")
        if answer is not None:
            return answer
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """RCPT TO."""
        answer = await self.misbehave(server, "rcpt", address)
        if answer is not None:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """The whole mail; a drop here comes after it was kept, as when an answer is lost."""
        action = self._behaviour.action("data", _lower(envelope.rcpt_tos))
        if action is None or action == "drop":
            self._keep(envelope, session, answered=action is None)
        if action is not None:
            return await self._do(server, action)
        return "250 2.0.0 Kept"

    async def misbehave(self, server: SMTP, stage: str, *recipients: str) -> str | None:
        """What to answer instead of doing it right; None to do it right."""
        action = self._behaviour.action(stage, _lower(recipients))
        return None if action is None else await self._do(server, action)

    async def _do(self, server: SMTP, action: str) -> str:
        if action == "hang":
            await self._behaviour.until_well()
        if action in ("hang", "drop"):
            _close(server)
            return CLOSING
        if action.startswith(CLOSING):
            asyncio.get_running_loop().call_later(0, _close_softly, server)
        return action if " " in action else f"{action} {TEXTS[int(action)]}"

    def _keep(self, envelope: Envelope, session: Session, *, answered: bool) -> None:
        content = envelope.content or b""
        raw = content if isinstance(content, str) else content.decode("utf-8", "surrogateescape")
        mail = {
            "sender": envelope.mail_from,
            "recipients": list(envelope.rcpt_tos),
            "received_at": datetime.now(UTC).isoformat(),
            "tls": session.ssl is not None,
            "login": session.authenticated,
            "answered": answered,
            "raw": raw,
        }
        self._mails.append(mail)
        with self._file.open("a") as file:
            file.write(json.dumps(mail) + "\n")


def _lower(addresses: Iterable[str]) -> list[str]:
    return [address.lower() for address in addresses]


def _close(server: SMTP) -> None:
    if isinstance(server.transport, asyncio.WriteTransport):
        server.transport.abort()


def _close_softly(server: SMTP) -> None:
    if server.transport is not None:
        server.transport.close()
