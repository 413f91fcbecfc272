"""The mail server: a few connections, used again and again, bounded, never in clear by accident."""

import asyncio
import re
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import unquote, urlsplit

import aiosmtplib
import structlog
from aiosmtplib.errors import (
    SMTPException,
    SMTPHeloError,
    SMTPResponseException,
    SMTPServerDisconnected,
)

from services.notifications.clients.conversation import Answer, Conversation, Left, Lost
from services.notifications.domain.tentative import Accepted, Deferred, Rejected, Result
from services.notifications.ports import Letter

log = structlog.get_logger(__name__)

PORTS = {"smtp": 25, "smtps": 465}
"""RFC 5321 §4.5.4.2 and RFC 8314 §7.3."""
CODES = range(200, 600)
"""Answers of a mail server; anything else is none (RFC 5321 §4.2.1)."""
PERMANENT = 5
"""First digit of the answers that are for good (RFC 5321 §4.2.1)."""
IDLE_S = 30.0
"""How long a connection that nobody uses is kept; servers close them after 300 s
(RFC 5321 §4.5.3.2.7) and the most impatient much sooner (assumed)."""
LEAVE_S = 2.0
"""How long a server has to say good-bye (assumed)."""

_LATER, _NEVER = Deferred, Rejected
MEANINGS: Mapping[int, type[Deferred] | type[Rejected]] = {
    421: _LATER,  # service not available, closing transmission channel
    450: _LATER,  # mailbox unavailable (busy, or blocked for policy reasons)
    451: _LATER,  # local error in processing
    452: _LATER,  # insufficient system storage
    454: _LATER,  # TLS not available due to temporary reason (RFC 3207); temporary auth. failure
    455: _LATER,  # server unable to accommodate parameters
    530: _LATER,  # "Authentication required" (RFC 4954): our settings are wrong, not the mail
    534: _LATER,  # authentication mechanism is too weak: our settings
    535: _LATER,  # authentication credentials invalid: our settings
    538: _LATER,  # encryption required: our settings
    500: _NEVER,  # syntax error, command unrecognized
    501: _NEVER,  # syntax error in parameters, such as an address
    503: _NEVER,  # bad sequence of commands
    504: _NEVER,  # command parameter unknown to the server
    521: _NEVER,  # host does not accept mail (RFC 7504)
    541: _NEVER,  # recipient address rejected as unwanted mail
    550: _NEVER,  # mailbox unavailable (not found, or rejected for policy reasons)
    551: _NEVER,  # user not local
    552: _NEVER,  # exceeded storage allocation
    553: _NEVER,  # mailbox name not allowed
    554: _NEVER,  # transaction failed
    555: _NEVER,  # MAIL FROM/RCPT TO parameters not recognized
    556: _NEVER,  # domain does not accept mail (RFC 7504)
}
"""What an answer to MAIL, RCPT or DATA means (RFC 5321 §4.2.3 where nothing else is said)."""

_OF_RECIPIENT = re.compile(r"5\.(?:1\.(?!7$|8$)\d+|2\.(?!2$|3$)\d+)")
"""Enhanced codes that speak of the recipient: address, mailbox; not those of the network, the
protocol, the content or a policy, nor 5.1.7 and 5.1.8, which are of the sender, nor 5.2.2 and
5.2.3: a mailbox that is full, a mail too long for it (RFC 3463 §3)."""
_NOTHING_SAID = "5.0.0"
"""The enhanced code that says no more than the answer itself (RFC 3463 §3.1)."""
_CODES_OF_RECIPIENT = frozenset({550, 551, 553, 556})
"""Answers to RCPT that speak of the recipient where no enhanced code says more: no such mailbox,
not here, name not allowed, a domain that takes no mail (RFC 5321 §4.2.3, RFC 7504 §4). 550 may be
a policy too; 552 is a full mailbox and 554 says nothing of why."""


def meaning_of(code: int, status: str | None = None, *, at_recipient: bool = False) -> Result:
    """What an answer means for the mail: the table, else its first digit.

    Shapes:  `status` is the enhanced code, if any; `at_recipient`, whether RCPT was answered
    """
    if MEANINGS.get(code, _NEVER if code // 100 == PERMANENT else _LATER) is _LATER:
        return Deferred(code if code in CODES else None, status)
    return Rejected(code, status, of_recipient=at_recipient and _is_theirs(code, status))


def _is_theirs(code: int, status: str | None) -> bool:
    """Whether a refusal of RCPT for good means that the address is bad."""
    if status is None or status == _NOTHING_SAID:
        return code in _CODES_OF_RECIPIENT
    return _OF_RECIPIENT.fullmatch(status) is not None


@dataclass(slots=True)
class _Connection:
    """A connection, and since when it waits for its next mail."""

    conversation: Conversation
    idle_since: float = 0.0


def trusting(authorities: Path | None) -> ssl.SSLContext:
    """TLS that checks who the server is: by these authorities, or those of the system."""
    return ssl.create_default_context(cafile=authorities)


class _Opening(aiosmtplib.SMTP):
    """A connection until a conversation has it; where it fails, it ends at once."""

    def close(self) -> None:
        """End it: a farewell of TLS that nobody answers would linger."""
        opened = cast("asyncio.Transport | None", self.transport)
        super().close()
        if opened is not None:
            opened.abort()


class SmtpServer:
    """A mail server, `smtp://[user:password@]host[:port]` or `smtps://…`.

    `starttls` means: no TLS, no mail. A password goes through TLS or not at all (RFC 4954 §4).
    At most `connections` mails are on their way at once, on connections that are used again.
    """

    def __init__(
        self,
        url: str,
        *,
        starttls: bool,
        connections: int,
        tls_context: ssl.SSLContext | None = None,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname:
            raise ValueError("the mail server is not smtp://host:port or smtps://host:port")
        self._host = parts.hostname
        self._port = parts.port or PORTS[parts.scheme]
        self._user = None if parts.username is None else unquote(parts.username)
        self._password = None if parts.password is None else unquote(parts.password)
        self._tls_at_once = parts.scheme == "smtps"
        self._starttls = starttls and not self._tls_at_once
        if self._user is not None and not (self._starttls or self._tls_at_once):
            raise ValueError("the mail server is given a password, which only goes through TLS")
        self._tls_context = tls_context
        self._places = asyncio.Semaphore(connections)
        self._idle: list[_Connection] = []

    async def send(self, letter: Letter, timeout_s: float) -> Result:
        """Hand over one mail; silence, a lost or refused connection mean: later."""
        try:
            async with self._places, asyncio.timeout(timeout_s):
                return await self._send(letter)
        except Left as error:  # a new connection, and it is not for this mail either
            return _later(error, error.answer)
        except (
            SMTPResponseException
        ) as error:  # greeting, EHLO, STARTTLS, AUTH: not the mail's fault
            return _later(error, Answer(error.code) if error.code in CODES else None)
        except (Lost, SMTPException, OSError, TimeoutError) as error:
            return _later(error, None)

    async def close(self) -> None:
        """Say good-bye on every connection that waits."""
        idle, self._idle = self._idle, []
        try:
            await asyncio.gather(*(_leave(connection.conversation) for connection in idle))
        finally:  # also when there is no time for good-byes
            for connection in idle:
                connection.conversation.close()

    async def _send(self, letter: Letter) -> Result:
        connection = self._waiting()
        if connection is not None:
            with suppress(Left):  # a server may close a waiting connection at any moment
                return await self._through(connection, letter)
        return await self._through(await self._connect(), letter)

    def _waiting(self) -> _Connection | None:
        """The connection used last, if one still stands."""
        while self._idle:
            connection = self._idle.pop()
            fresh = time.monotonic() - connection.idle_since < IDLE_S
            if fresh and connection.conversation.is_open:
                return connection
            connection.conversation.close()
        return None

    async def _connect(self) -> _Connection:
        smtp = _Opening(
            hostname=self._host,
            port=self._port,
            username=self._user,
            password=self._password,
            local_hostname=socket.gethostname(),
            timeout=None,  # the whole attempt is bounded
            use_tls=self._tls_at_once,
            start_tls=self._starttls,
            tls_context=self._tls_context,
        )
        try:
            await smtp.connect()
            pipelining = await _announces(smtp, "pipelining")
            if smtp.transport is None:
                raise SMTPServerDisconnected("closed as soon as it was open")
        except BaseException:
            smtp.close()
            raise
        transport = cast("asyncio.Transport", smtp.transport)  # uvloop's own has no such parent
        return _Connection(Conversation(transport, pipelining=pipelining))

    async def _through(self, connection: _Connection, letter: Letter) -> Result:
        """One mail through one connection, which is kept only if it is fit for another one."""
        conversation = connection.conversation
        try:
            answer = await conversation.hand_over(letter)
        except BaseException:
            conversation.close()
            raise
        if conversation.is_open:
            connection.idle_since = time.monotonic()
            self._idle.append(connection)
        else:
            conversation.close()  # a farewell of TLS that nobody answers would linger
        if answer.is_consent:
            return Accepted()
        return _told(meaning_of(answer.code, answer.enhanced, at_recipient=answer.at_recipient))


async def _announces(smtp: aiosmtplib.SMTP, extension: str) -> bool:
    """Whether the server says that it knows an extension, asked if it was not yet."""
    if smtp.is_ehlo_or_helo_needed:
        try:
            await smtp.ehlo()
        except SMTPHeloError:
            if not smtp.is_connected:
                raise
            await smtp.helo()  # RFC 5321 §3.2: a server of before 1995
    return smtp.supports_extension(extension)


async def _leave(conversation: Conversation) -> None:
    try:
        async with asyncio.timeout(LEAVE_S):
            await conversation.quit()
    except (Lost, TimeoutError):
        log.debug("smtp_left_without_goodbye")


def _told(result: Result) -> Result:
    log.info(
        "mail_not_taken",
        issue=result.issue,
        smtp_code=result.smtp_code,
        smtp_status=result.smtp_status,
    )
    return result


def _later(error: BaseException, answer: Answer | None = None) -> Deferred:
    deferred = Deferred() if answer is None else Deferred(answer.code, answer.enhanced)
    log.warning("mail_server_unavailable", error=type(error).__name__, smtp_code=deferred.smtp_code)
    return deferred
