"""The mail server: a few connections, used again and again, bounded, never in clear by accident."""

import asyncio
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import aiosmtplib
import structlog
from aiosmtplib.errors import SMTPException, SMTPResponseException

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


def meaning_of(code: int) -> Result:
    """What an answer means for the mail: the table, else its first digit."""
    if MEANINGS.get(code, _NEVER if code // 100 == PERMANENT else _LATER) is _NEVER:
        return Rejected(code)
    return Deferred(code if code in CODES else None)


class _Tired(Exception):
    """A connection used before was closed by the server: nothing was handed over yet."""


@dataclass(slots=True)
class _Connection:
    """A connection and what is to be known before its next mail."""

    smtp: aiosmtplib.SMTP
    used: bool = False
    refused: bool = False
    idle_since: float = 0.0


class SmtpServer:
    """A mail server, `smtp://[user:password@]host[:port]` or `smtps://…`.

    `starttls` means: no TLS, no mail. At most `connections` mails are on their way at once.
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
        self._tls_context = tls_context
        self._places = asyncio.Semaphore(connections)
        self._idle: list[_Connection] = []

    async def send(self, letter: Letter, timeout_s: float) -> Result:
        """Hand over one mail; silence, a lost or refused connection mean: later."""
        try:
            async with self._places, asyncio.timeout(timeout_s):
                return await self._send(letter)
        except (
            SMTPResponseException
        ) as error:  # greeting, EHLO, STARTTLS, AUTH: not the mail's fault
            return _later(error, error.code if error.code in CODES else None)
        except (SMTPException, OSError, TimeoutError) as error:
            return _later(error, None)

    async def close(self) -> None:
        """Say good-bye on every connection that waits."""
        idle, self._idle = self._idle, []
        try:
            await asyncio.gather(*(_leave(connection.smtp) for connection in idle))
        finally:  # also when there is no time for good-byes
            for connection in idle:
                connection.smtp.close()

    async def _send(self, letter: Letter) -> Result:
        connection = self._waiting()
        if connection is not None:
            with suppress(_Tired):
                return await self._through(connection, letter)
        return await self._through(await self._connect(), letter)

    def _waiting(self) -> _Connection | None:
        """The connection used last, if one still stands."""
        while self._idle:
            connection = self._idle.pop()
            fresh = time.monotonic() - connection.idle_since < IDLE_S
            if fresh and connection.smtp.is_connected:
                return connection
            connection.smtp.close()
        return None

    async def _connect(self) -> _Connection:
        smtp = aiosmtplib.SMTP(
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
        await smtp.connect()
        return _Connection(smtp)

    async def _through(self, connection: _Connection, letter: Letter) -> Result:
        """One mail through one connection, which is kept only if it is fit for another one."""
        try:
            result = await _hand_over(connection, letter)
        except BaseException:
            connection.smtp.close()
            raise
        if connection.smtp.is_connected:
            connection.used = True
            connection.refused = not isinstance(result, Accepted)
            connection.idle_since = time.monotonic()
            self._idle.append(connection)
        return result


async def _hand_over(connection: _Connection, letter: Letter) -> Result:
    """MAIL, RCPT, DATA. Raises what is not an answer to the mail."""
    try:
        await _begin(connection, letter.sender)
        await connection.smtp.rcpt(letter.recipient)
        await connection.smtp.data(letter.content)
    except SMTPResponseException as error:
        return _told(meaning_of(error.code))
    return Accepted()


async def _begin(connection: _Connection, sender: str) -> None:
    """MAIL FROM; that the server closed a waiting connection shows only here."""
    try:
        if connection.refused:  # forget the envelope of the mail before
            await connection.smtp.rset()
        await connection.smtp.mail(sender)
    except SMTPException as error:
        if connection.used and not connection.smtp.is_connected:
            raise _Tired from error
        raise


async def _leave(smtp: aiosmtplib.SMTP) -> None:
    try:
        async with asyncio.timeout(LEAVE_S):
            await smtp.quit()
    except (SMTPException, OSError, TimeoutError):
        log.debug("smtp_left_without_goodbye")


def _told(result: Result) -> Result:
    log.info("mail_not_taken", issue=result.issue, smtp_code=result.smtp_code)
    return result


def _later(error: BaseException, code: int | None) -> Deferred:
    log.warning("mail_server_unavailable", error=type(error).__name__, smtp_code=code)
    return Deferred(code)
