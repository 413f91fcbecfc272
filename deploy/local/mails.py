"""A mail as its reader sees it."""

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any


@dataclass(frozen=True)
class Mail:
    """One mail received by the sink, decoded."""

    sender: str
    """Envelope sender (MAIL FROM)."""
    recipients: tuple[str, ...]
    """Envelope recipients (RCPT TO)."""
    from_: str
    to: str
    subject: str
    message_id: str
    headers: tuple[tuple[str, str], ...]
    text: str
    """The text/plain part, empty if none."""
    html: str
    """The text/html part, empty if none."""
    received_at: datetime
    raw: bytes
    tls: bool
    """Whether it came through TLS."""
    answered: bool
    """Whether the client was told that it was kept."""

    def header(self, name: str) -> str | None:
        """The first header of that name, whatever its case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


def parse_mail(kept: dict[str, Any]) -> Mail:
    """Decode what the sink kept."""
    raw = kept["raw"].encode("utf-8", "surrogateescape")
    message = message_from_bytes(raw, _class=EmailMessage, policy=policy.default)
    headers = tuple((name, str(value)) for name, value in message.items())
    return Mail(
        sender=kept["sender"] or "",
        recipients=tuple(kept["recipients"]),
        from_=str(message["From"] or ""),
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        message_id=str(message["Message-ID"] or "").strip(),
        headers=headers,
        text=_part(message, "plain"),
        html=_part(message, "html"),
        received_at=datetime.fromisoformat(kept["received_at"]),
        raw=raw,
        tls=bool(kept.get("tls")),
        answered=bool(kept.get("answered", True)),
    )


def _part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    return "" if body is None else str(body.get_content())
